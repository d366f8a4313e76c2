import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState, type ReactNode } from "react";
import { eksApi, type Cluster } from "../../api/eks";
import { CreateForm } from "../../parts/create_form";
import { notify } from "../../parts/flash";
import { useLoad } from "../../parts/load";
import { Awaiting, Page } from "../../parts/page";
import { navigate } from "../../router";
import { fill, useTexts } from "../../texts";
import { nodeRole, RolePicker } from "./role_picker";
import { isSize, readSize, SizeFields, type SizeTexts } from "./size";
import { SubnetPicker } from "./subnet_picker";

const isName = (text: string): boolean => /^[0-9A-Za-z][\w-]{0,62}$/.test(text);
const isInstanceType = (text: string): boolean => /^[a-z0-9-]+\.[a-z0-9-]+$/.test(text);

function CreateGroup({ cluster }: { cluster: Cluster }): ReactNode {
    const { eks: t, common } = useTexts();
    const offered = cluster.resourcesVpcConfig?.subnetIds ?? [];
    const [name, setName] = useState("");
    const [role, setRole] = useState("");
    const [subnets, setSubnets] = useState<string[]>(offered);
    const [instanceType, setInstanceType] = useState("t3.medium");
    const [capacity, setCapacity] = useState("ON_DEMAND");
    const [size, setSize] = useState<SizeTexts>({ desiredSize: "2", minSize: "1", maxSize: "3" });
    const back = `/eks/clusters/${encodeURIComponent(cluster.name)}`;
    const create = async (): Promise<void> => {
        await eksApi.call("CreateNodegroup", {
            clusterName: cluster.name,
            nodegroupName: name,
            nodeRole: role,
            subnets,
            instanceTypes: [instanceType],
            capacityType: capacity,
            scalingConfig: readSize(size),
        });
        notify("success", fill(t.nodegroupCreated, name));
        navigate(back);
    };
    const isComplete = isName(name) && role !== "" && subnets.length > 0 && isInstanceType(instanceType) && isSize(size);
    return (
        <CreateForm submit={t.createNodegroup} back={back} isComplete={isComplete} onSubmit={create}>
            {(tried) => (
                <SpaceBetween size="l">
                    <Container header={<Header variant="h2">{t.nodes1}</Header>}>
                        <SpaceBetween size="l">
                            <FormField label={t.nodegroupName} description={t.clusterNameHint} errorText={tried && !name ? common.required : name && !isName(name) ? t.clusterNameHint : ""}>
                                <Input value={name} autoComplete={false} spellcheck={false} onChange={({ detail }) => setName(detail.value)} />
                            </FormField>
                            <RolePicker label={t.nodeRole} hint={t.nodeRoleHint} wanted={nodeRole} arn={role} error={tried && !role ? common.required : ""} onChange={setRole} />
                        </SpaceBetween>
                    </Container>
                    <Container header={<Header variant="h2">{t.nodes2}</Header>}>
                        <SpaceBetween size="l">
                            <ColumnLayout columns={2}>
                                <FormField label={t.instanceType} errorText={isInstanceType(instanceType) ? "" : common.required}>
                                    <Input value={instanceType} autoComplete={false} spellcheck={false} onChange={({ detail }) => setInstanceType(detail.value)} />
                                </FormField>
                                <FormField label={t.capacity}>
                                    <RadioGroup
                                        value={capacity}
                                        onChange={({ detail }) => setCapacity(detail.value)}
                                        items={[
                                            { value: "ON_DEMAND", label: t.onDemand },
                                            { value: "SPOT", label: t.spot },
                                        ]}
                                    />
                                </FormField>
                            </ColumnLayout>
                            <SizeFields size={size} onChange={setSize} />
                        </SpaceBetween>
                    </Container>
                    <Container header={<Header variant="h2">{t.networking}</Header>}>
                        <SubnetPicker ids={subnets} only={offered} error={tried && subnets.length === 0 ? common.required : ""} onChange={setSubnets} />
                    </Container>
                </SpaceBetween>
            )}
        </CreateForm>
    );
}

export function CreateNodegroup({ name = "" }: { name?: string }): ReactNode {
    const { eks: t } = useTexts();
    const cluster = useLoad(() => eksApi.cluster(name), [name]);
    return (
        <Page title={t.createNodegroup} description={fill(t.createNodegroupText, name)}>
            <Awaiting loaded={cluster}>{(shown) => <CreateGroup cluster={shown} />}</Awaiting>
        </Page>
    );
}
