// A choice of managed policies: the whole list, searched as one types.
import FormField from "@cloudscape-design/components/form-field";
import Multiselect, { type MultiselectProps } from "@cloudscape-design/components/multiselect";
import Select, { type SelectProps } from "@cloudscape-design/components/select";
import type { ReactNode } from "react";
import { iamApi, type IamPolicy } from "../api/iam";
import { everyPage, useLoad, type Loaded } from "../parts/load";
import { useTexts } from "../texts";

export const policiesMax = 20;

export function useAwsPolicies(): Loaded<IamPolicy[]> {
    return useLoad(async () => {
        const all = await everyPage((next) => iamApi.policies("AWS", next));
        return all.filter((policy) => policy.IsAttachable !== "false").sort((a, b) => a.PolicyName.localeCompare(b.PolicyName));
    });
}

// What both choices have alike: the search, and the states of a list that is still on its way.
function searched(policies: Loaded<IamPolicy[]>, common: { search: string; loading: string }): Pick<SelectProps, "filteringType" | "filteringAriaLabel" | "virtualScroll" | "statusType" | "loadingText" | "errorText"> {
    return {
        filteringType: "auto",
        filteringAriaLabel: common.search,
        virtualScroll: true,
        statusType: policies.loading ? "loading" : policies.error ? "error" : "finished",
        loadingText: common.loading,
        errorText: policies.error?.message,
    };
}

export function ManagedPolicies({ label, description, policies, chosen, onChange, error }: {
    label: string;
    description?: string;
    policies: Loaded<IamPolicy[]>;
    chosen: readonly MultiselectProps.Option[];
    onChange: (chosen: readonly MultiselectProps.Option[]) => void;
    error?: string;
}): ReactNode {
    const { identityMore: t, common } = useTexts();
    return (
        <FormField label={label} description={description} errorText={error}>
            <Multiselect
                selectedOptions={chosen}
                onChange={({ detail }) => onChange(detail.selectedOptions.slice(0, policiesMax))}
                options={(policies.data ?? []).map((policy) => ({ value: policy.Arn, label: policy.PolicyName, filteringTags: [policy.Arn] }))}
                placeholder={t.choosePolicies}
                {...searched(policies, common)}
                noMatch={common.noMatch}
            />
        </FormField>
    );
}

// One policy, or none.
export function Boundary({ policies, chosen, onChange }: {
    policies: Loaded<IamPolicy[]>;
    chosen: SelectProps.Option | null;
    onChange: (chosen: SelectProps.Option | null) => void;
}): ReactNode {
    const { identityMore: t, common } = useTexts();
    const none: SelectProps.Option = { value: "", label: t.boundaryNone };
    return (
        <FormField label={t.boundary} description={t.boundaryHint}>
            <Select
                selectedOption={chosen ?? none}
                options={[none, ...(policies.data ?? []).map((policy) => ({ value: policy.Arn, label: policy.PolicyName }))]}
                onChange={({ detail }) => onChange(detail.selectedOption.value ? detail.selectedOption : null)}
                {...searched(policies, common)}
            />
        </FormField>
    );
}
