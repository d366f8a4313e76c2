import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { useState, type ReactNode } from "react";
import { eksApi } from "../../api/eks";
import { CreateForm } from "../../parts/create_form";
import { notify } from "../../parts/flash";
import { formatDay } from "../../parts/format";
import { useLoad } from "../../parts/load";
import { Page } from "../../parts/page";
import { navigate } from "../../router";
import { fill, useTexts } from "../../texts";
import { clusterRole, RolePicker } from "./role_picker";
import { SubnetPicker } from "./subnet_picker";

const isName = (text: string): boolean => /^[0-9A-Za-z][\w-]{0,99}$/.test(text);

export function CreateCluster(): ReactNode {
    const { eks: t, common } = useTexts();
    const versions = useLoad(() => eksApi.versions());
    const [name, setName] = useState("");
    const [chosen, setVersion] = useState<string>();
    const [role, setRole] = useState("");
    const [mode, setMode] = useState("API_AND_CONFIG_MAP");
    const [isAdmin, setAdmin] = useState(true);
    const [subnets, setSubnets] = useState<string[]>([]);
    const version = chosen ?? versions.data?.[0]?.clusterVersion;
    const create = async (): Promise<void> => {
        await eksApi.call("CreateCluster", {
            name,
            version,
            roleArn: role,
            resourcesVpcConfig: { subnetIds: subnets },
            accessConfig: { authenticationMode: mode, bootstrapClusterCreatorAdminPermissions: isAdmin },
        });
        notify("success", fill(t.clusterCreated, name));
        navigate(`/eks/clusters/${encodeURIComponent(name)}`);
    };
    const options = (versions.data ?? []).map((item) => ({
        value: item.clusterVersion,
        label: item.endOfStandardSupportDate ? fill(t.versionItem, item.clusterVersion, formatDay(item.endOfStandardSupportDate)) : item.clusterVersion,
    }));
    return (
        <Page title={t.createCluster} description={t.createClusterText}>
            <CreateForm submit={t.createCluster} back="/eks/clusters" isComplete={isName(name) && role !== "" && subnets.length >= 2} onSubmit={create}>
                {(tried) => (
                    <SpaceBetween size="l">
                        <Container header={<Header variant="h2">{t.settings}</Header>}>
                            <SpaceBetween size="l">
                                <FormField label={t.clusterName} description={t.clusterNameHint} errorText={tried && !name ? common.required : name && !isName(name) ? t.clusterNameHint : ""}>
                                    <Input value={name} autoComplete={false} spellcheck={false} onChange={({ detail }) => setName(detail.value)} />
                                </FormField>
                                <FormField label={t.version}>
                                    <Select
                                        selectedOption={options.find((option) => option.value === version) ?? null}
                                        options={options}
                                        statusType={versions.loading ? "loading" : versions.error ? "error" : "finished"}
                                        loadingText={common.loading}
                                        errorText={versions.error?.message}
                                        onChange={({ detail }) => setVersion(detail.selectedOption.value)}
                                    />
                                </FormField>
                                <RolePicker label={t.role} hint={t.clusterRoleHint} wanted={clusterRole} arn={role} error={tried && !role ? common.required : ""} onChange={setRole} />
                            </SpaceBetween>
                        </Container>
                        <Container header={<Header variant="h2">{t.accessTitle}</Header>}>
                            <SpaceBetween size="l">
                                <FormField label={t.authentication} description={t.authenticationHint}>
                                    <RadioGroup
                                        value={mode}
                                        onChange={({ detail }) => setMode(detail.value)}
                                        items={[
                                            { value: "API_AND_CONFIG_MAP", label: t.modeBoth, description: t.modeBothText },
                                            { value: "API", label: t.modeApi, description: t.modeApiText },
                                            { value: "CONFIG_MAP", label: t.modeMap, description: t.modeMapText },
                                        ]}
                                    />
                                </FormField>
                                <Toggle checked={isAdmin} description={t.creatorAdminText} onChange={({ detail }) => setAdmin(detail.checked)}>
                                    {t.creatorAdmin}
                                </Toggle>
                            </SpaceBetween>
                        </Container>
                        <Container header={<Header variant="h2">{t.networking}</Header>}>
                            <SubnetPicker ids={subnets} network={name || "eks"} error={tried && subnets.length < 2 ? t.subnetsHint : ""} onChange={setSubnets} />
                        </Container>
                    </SpaceBetween>
                )}
            </CreateForm>
        </Page>
    );
}
