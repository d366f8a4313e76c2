import Autosuggest from "@cloudscape-design/components/autosuggest";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Link from "@cloudscape-design/components/link";
import Select, { type SelectProps } from "@cloudscape-design/components/select";
import { useState, type ReactNode } from "react";
import { organizationApi, organizations, type Delegated } from "../../api/organization";
import { ConfirmDialog, FormDialog } from "../../parts/dialog";
import { notify } from "../../parts/flash";
import { formatDate } from "../../parts/format";
import { useLoad } from "../../parts/load";
import { Page } from "../../parts/page";
import { ResourceTable } from "../../parts/table";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { href } from "../../router";
import { fill, useTexts } from "../../texts";

// Names of services are not translated.
const services = [
    { value: "sso.amazonaws.com", description: "IAM Identity Center" },
    { value: "access-analyzer.amazonaws.com", description: "IAM Access Analyzer" },
    { value: "cloudtrail.amazonaws.com", description: "CloudTrail" },
    { value: "iam.amazonaws.com", description: "IAM" },
    { value: "member.org.stacksets.cloudformation.amazonaws.com", description: "CloudFormation StackSets" },
];

function Register({ onClose, onDone }: { onClose: () => void; onDone: () => void }): ReactNode {
    const { organization: t, common } = useTexts();
    const [account, setAccount] = useState<SelectProps.Option | null>(null);
    const [service, setService] = useState("");
    const members = useLoad(async () => {
        const [organization, accounts] = await Promise.all([organizationApi.describe(), organizationApi.accounts()]);
        return accounts.filter((member) => member.Id !== organization.MasterAccountId);
    });
    const register = async (): Promise<void> => {
        await organizations("RegisterDelegatedAdministrator", { AccountId: account!.value!, ServicePrincipal: service });
        notify("success", fill(t.registered, account!.label!, service));
        onDone();
    };
    return (
        <FormDialog title={t.register} submit={t.register} canSubmit={account !== null && /^[\w.-]+\.amazonaws\.com$/.test(service)} onSubmit={register} onClose={onClose}>
            <FormField label={t.account}>
                <Select
                    selectedOption={account}
                    placeholder={t.chooseAccount}
                    options={(members.data ?? []).map((member) => ({ value: member.Id, label: member.Name, description: member.Id }))}
                    filteringType="auto"
                    filteringAriaLabel={common.search}
                    statusType={members.loading ? "loading" : members.error ? "error" : "finished"}
                    loadingText={common.loading}
                    errorText={members.error?.message}
                    empty={t.noMembers}
                    onChange={({ detail }) => setAccount(detail.selectedOption)}
                />
            </FormField>
            <FormField label={t.service} description={t.serviceHint}>
                <Autosuggest
                    value={service}
                    options={services}
                    enteredTextLabel={(text) => fill(t.useService, text)}
                    placeholder="sso.amazonaws.com"
                    onChange={({ detail }) => setService(detail.value)}
                />
            </FormField>
        </FormDialog>
    );
}

export function Delegation(): ReactNode {
    const { organization: t, common } = useTexts();
    const delegated = useLoad(organizationApi.delegated);
    const [selected, setSelected] = useState<Delegated[]>([]);
    const [open, setOpen] = useState<"register" | "deregister">();
    const chosen = selected[0];
    const close = (): void => setOpen(undefined);
    const done = (): void => {
        setSelected([]);
        void delegated.reload();
    };
    return (
        <Page title={t.delegation} description={t.delegationText}>
            <ResourceTable<Delegated>
                title={t.delegation}
                loaded={delegated}
                keyOf={(item) => `${item.Id} ${item.ServicePrincipal}`}
                nameOf={(item) => `${item.Name}, ${item.ServicePrincipal}`}
                selection="single"
                selected={selected}
                onSelect={setSelected}
                columns={[
                    {
                        id: "name",
                        header: t.account,
                        isName: true,
                        text: (item) => item.Name,
                        cell: (item) => <Link href={href(`/organization/accounts/${item.Id}`)}>{item.Name}</Link>,
                    },
                    { id: "id", header: common.id, text: (item) => item.Id, cell: (item) => item.Id },
                    { id: "service", header: t.service, text: (item) => item.ServicePrincipal, cell: (item) => item.ServicePrincipal },
                    { id: "since", header: t.delegatedSince, text: (item) => String(item.DelegationEnabledDate ?? ""), cell: (item) => formatDate(item.DelegationEnabledDate) },
                ]}
                empty={{ title: t.delegationEmpty, text: t.delegationEmptyText, action: <Button onClick={() => setOpen("register")}>{t.register}</Button> }}
                actions={
                    <SpaceBetween direction="horizontal" size="xs">
                        <Button disabled={!chosen} onClick={() => setOpen("deregister")}>
                            {t.deregister}
                        </Button>
                        <Button variant="primary" onClick={() => setOpen("register")}>
                            {t.register}
                        </Button>
                    </SpaceBetween>
                }
            />
            {open === "register" && <Register onClose={close} onDone={done} />}
            {chosen && open === "deregister" && (
                <ConfirmDialog
                    title={t.deregister}
                    text={fill(t.deregisterText, chosen.Name, chosen.ServicePrincipal)}
                    submit={t.deregister}
                    onClose={close}
                    onSubmit={async () => {
                        await organizations("DeregisterDelegatedAdministrator", { AccountId: chosen.Id, ServicePrincipal: chosen.ServicePrincipal });
                        notify("success", fill(t.deregistered, chosen.Name, chosen.ServicePrincipal));
                        done();
                    }}
                />
            )}
        </Page>
    );
}
