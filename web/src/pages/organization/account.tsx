import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Link from "@cloudscape-design/components/link";
import Select, { type SelectProps } from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState, type ReactNode } from "react";
import { organizationApi, organizations, type Account, type PolicySummary } from "../../api/organization";
import { FormDialog } from "../../parts/dialog";
import { notify } from "../../parts/flash";
import { HeldTable } from "../../parts/held";
import { formatDate } from "../../parts/format";
import { useLoad } from "../../parts/load";
import { Awaiting, Copyable, Facts, Page } from "../../parts/page";
import { href } from "../../router";
import { fill, useTexts } from "../../texts";

function PoliciesOfTarget({ id, name }: { id: string; name: string }): ReactNode {
    const { organization: t, common } = useTexts();
    const policies = useLoad(() => organizationApi.policiesOf(id, "SERVICE_CONTROL_POLICY"), [id]);
    const all = useLoad(() => organizationApi.policies("SERVICE_CONTROL_POLICY"), [id]);
    const [attaching, setAttaching] = useState(false);
    const [chosen, setChosen] = useState<SelectProps.Option | null>(null);
    const held = new Set(policies.data?.map((policy) => policy.Id));
    const detach = async (some: PolicySummary[]): Promise<void> => {
        for (const policy of some) await organizations("DetachPolicy", { PolicyId: policy.Id, TargetId: id });
        notify("success", t.detached);
    };
    return (
        <SpaceBetween size="m">
            <HeldTable
                title={t.scp}
                description={t.scpText}
                loaded={policies}
                keyOf={(policy) => policy.Id}
                nameOf={(policy) => policy.Name}
                columns={[
                    { id: "name", header: common.name, isName: true, text: (policy) => policy.Name, cell: (policy) => <Link href={href(`/organization/policies/${policy.Id}`)}>{policy.Name}</Link> },
                    { id: "description", header: common.description, cell: (policy) => policy.Description || "–" },
                ]}
                empty={{ title: t.policiesEmpty, text: t.policiesEmptyText }}
                remove={t.detach}
                onRemove={detach}
                actions={<Button onClick={() => setAttaching(true)}>{t.attach}</Button>}
            />
            {attaching && (
                <FormDialog
                    title={fill(t.attachTitle, name)}
                    submit={t.attach}
                    canSubmit={chosen !== null}
                    onClose={() => setAttaching(false)}
                    onSubmit={async () => {
                        await organizations("AttachPolicy", { PolicyId: chosen!.value!, TargetId: id });
                        notify("success", t.attached);
                        setChosen(null);
                        await policies.reload();
                    }}
                >
                    <FormField label={t.policies}>
                        <Select
                            selectedOption={chosen}
                            placeholder={t.policies}
                            options={(all.data ?? []).filter((policy) => !held.has(policy.Id)).map((policy) => ({ value: policy.Id, label: policy.Name, description: policy.Description }))}
                            onChange={({ detail }) => setChosen(detail.selectedOption)}
                            empty={t.policiesEmpty}
                        />
                    </FormField>
                </FormDialog>
            )}
        </SpaceBetween>
    );
}

export function AccountPage({ id = "" }: { id?: string }): ReactNode {
    const { organization: t, common, identity } = useTexts();
    const account = useLoad(async () => (await organizations<{ Account: Account }>("DescribeAccount", { AccountId: id })).Account, [id]);
    return (
        <Page title={account.data?.Name ?? id} description={id} actions={<Button href={href(`/identity-center/accounts/${id}`)}>{identity.accountsOfPerson}</Button>}>
            <Awaiting loaded={account}>
                {(shown) => (
                    <SpaceBetween size="l">
                        <Facts
                            title={common.details}
                            facts={[
                                [common.id, <Copyable text={shown.Id} />],
                                [common.email, shown.Email],
                                [common.status, shown.State ?? shown.Status ?? "–"],
                                [t.joinedBy, shown.JoinedMethod ?? "–"],
                                [t.joined, formatDate(shown.JoinedTimestamp)],
                                [common.arn, <Copyable text={shown.Arn} />],
                            ]}
                        />
                        <PoliciesOfTarget id={id} name={shown.Name} />
                    </SpaceBetween>
                )}
            </Awaiting>
        </Page>
    );
}
