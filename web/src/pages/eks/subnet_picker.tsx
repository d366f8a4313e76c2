// Subnets of this account and region. Where there are none, a network is made in place.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Multiselect from "@cloudscape-design/components/multiselect";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import { networkApi } from "../../api/network";
import { ErrorBox } from "../../parts/errors";
import { notify } from "../../parts/flash";
import { useAction, useLoad } from "../../parts/load";
import { settings } from "../../settings";
import { useStore } from "../../store";
import { fill, useTexts } from "../../texts";

interface Props {
    ids: readonly string[];
    error: string;
    network?: string; // the name of the one that may be made
    only?: readonly string[]; // those of a cluster
    onChange: (ids: string[]) => void;
}

export function SubnetPicker({ ids, error, network, only, onChange }: Props): ReactNode {
    const { eks: t, common } = useTexts();
    const { region } = useStore(settings);
    const subnets = useLoad(() => networkApi.subnets(), [region]);
    const making = useAction();
    const mayMake = network !== undefined && subnets.data?.length === 0;
    const make = (name: string): Promise<boolean> =>
        making.run(async () => {
            const made = await networkApi.create(name);
            notify("success", fill(t.networkMade, made[0]!.vpcId));
            await subnets.reload();
            onChange(made.map((subnet) => subnet.subnetId));
        });
    const found = (subnets.data ?? []).map((subnet) => ({
        value: subnet.subnetId,
        label: subnet.subnetId,
        description: `${subnet.availabilityZone}, ${subnet.cidrBlock}, ${subnet.vpcId}`,
    }));
    // A cluster may name subnets that are not of this house.
    const options = only ? only.map((id) => found.find((option) => option.value === id) ?? { value: id, label: id }) : found;
    return (
        <SpaceBetween size="xs">
            <FormField label={t.subnets} description={only ? undefined : t.subnetsHint} errorText={error}>
                <Multiselect
                    selectedOptions={ids.map((id) => options.find((option) => option.value === id) ?? { value: id, label: id })}
                    options={options}
                    placeholder={t.chooseSubnets}
                    filteringType="auto"
                    filteringAriaLabel={common.search}
                    statusType={subnets.loading ? "loading" : subnets.error ? "error" : "finished"}
                    loadingText={common.loading}
                    errorText={subnets.error?.message}
                    empty={common.none}
                    onChange={({ detail }) => onChange(detail.selectedOptions.map((option) => option.value!))}
                />
            </FormField>
            {mayMake && <Box color="text-body-secondary">{fill(t.noSubnets, region)}</Box>}
            {mayMake && (
                <Button formAction="none" iconName="add-plus" loading={making.busy} onClick={() => void make(network)}>
                    {t.makeNetwork}
                </Button>
            )}
            <ErrorBox error={making.error} />
        </SpaceBetween>
    );
}
