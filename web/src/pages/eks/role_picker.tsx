// A role that a service may take. Where there is none, the usual one is made in place.
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Box from "@cloudscape-design/components/box";
import type { ReactNode } from "react";
import { createServiceRole, iamApi, trustsService } from "../../api/iam";
import { ErrorBox } from "../../parts/errors";
import { notify } from "../../parts/flash";
import { everyPage, useAction, useLoad } from "../../parts/load";
import { fill, useTexts } from "../../texts";

export interface ServiceRole {
    service: string;
    name: string; // of the one to make
    policies: string[];
}

export const clusterRole: ServiceRole = { service: "eks.amazonaws.com", name: "EKSClusterRole", policies: ["AmazonEKSClusterPolicy"] };
export const nodeRole: ServiceRole = {
    service: "ec2.amazonaws.com",
    name: "EKSNodeRole",
    policies: ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryReadOnly", "AmazonEKS_CNI_Policy"],
};

interface Props {
    label: string;
    hint: string;
    wanted: ServiceRole;
    arn: string;
    error: string;
    onChange: (arn: string) => void;
}

export function RolePicker({ label, hint, wanted, arn, error, onChange }: Props): ReactNode {
    const { eks: t, common } = useTexts();
    const roles = useLoad(async () => (await everyPage(iamApi.roles)).filter((role) => trustsService(role, wanted.service)), [wanted]);
    const making = useAction();
    const make = (): Promise<boolean> =>
        making.run(async () => {
            const role = await createServiceRole(wanted.name, wanted.service, wanted.policies);
            notify("success", fill(t.roleMade, role.RoleName));
            await roles.reload();
            onChange(role.Arn);
        });
    const options = (roles.data ?? []).map((role) => ({ value: role.Arn, label: role.RoleName, description: role.Description }));
    const isMade = roles.data?.some((role) => role.RoleName === wanted.name) ?? true;
    return (
        <SpaceBetween size="xs">
            <FormField label={label} description={hint} errorText={error}>
                <Select
                    selectedOption={options.find((option) => option.value === arn) ?? null}
                    options={options}
                    placeholder={t.chooseRole}
                    filteringType="auto"
                    filteringAriaLabel={common.search}
                    statusType={roles.loading ? "loading" : roles.error ? "error" : "finished"}
                    loadingText={common.loading}
                    errorText={roles.error?.message}
                    empty={fill(t.noRole, wanted.service)}
                    onChange={({ detail }) => onChange(detail.selectedOption.value!)}
                />
            </FormField>
            {roles.data?.length === 0 && <Box color="text-body-secondary">{fill(t.noRole, wanted.service)}</Box>}
            {!isMade && (
                <Button formAction="none" iconName="add-plus" loading={making.busy} onClick={() => void make()}>
                    {fill(t.makeRole, wanted.name)}
                </Button>
            )}
            <ErrorBox error={making.error} />
        </SpaceBetween>
    );
}
