import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import type { MultiselectProps } from "@cloudscape-design/components/multiselect";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState, type ReactNode } from "react";
import type { IdentityApi, PermissionSet } from "../../api/identity";
import { ConfirmDialog, FormDialog } from "../../parts/dialog";
import { ErrorBox } from "../../parts/errors";
import { HeldTable } from "../../parts/held";
import { notify } from "../../parts/flash";
import { formatDate, formatMinutes, minutesOfDuration } from "../../parts/format";
import { useAction, useLoad, usePages } from "../../parts/load";
import { Awaiting, Copyable, Facts, Page } from "../../parts/page";
import { ResourceTable } from "../../parts/table";
import { pretty } from "../../policy/document";
import { emptyPolicy, PolicyDraft, PolicyView } from "../../policy/editor";
import { ManagedPolicies, useAwsPolicies } from "../../policy/managed_policies";
import { href, navigate } from "../../router";
import { fill, useTexts } from "../../texts";
import { setPath } from "./assignments_of";
import { BoundaryOfSet } from "./boundary";
import { WithCenter } from "./center";
import { durationOptions } from "./durations";

const createPath = "/identity-center/permission-sets/create";

function SetList({ api }: { api: IdentityApi }): ReactNode {
    const { identity, identityMore: t, common } = useTexts();
    const sets = usePages((next) => api.permissionSets(next), [api]);
    return (
        <ResourceTable
            title={identity.permissionSets}
            loaded={sets}
            keyOf={(set) => set.PermissionSetArn}
            nameOf={(set) => set.Name}
            columns={[
                { id: "name", header: common.name, isName: true, text: (set) => set.Name, cell: (set) => <Link href={href(setPath(set.PermissionSetArn))}>{set.Name}</Link> },
                { id: "description", header: common.description, text: (set) => set.Description ?? "", cell: (set) => set.Description || "–" },
                { id: "duration", header: t.sessionDuration, cell: (set) => formatMinutes(minutesOfDuration(set.SessionDuration ?? "PT1H")) },
                { id: "created", header: common.created, text: (set) => String(set.CreatedDate ?? ""), cell: (set) => formatDate(set.CreatedDate) },
            ]}
            empty={{ title: t.setsEmpty, text: t.setsEmptyText, action: <Button href={href(createPath)}>{identity.createPermissionSet}</Button> }}
            actions={
                <Button variant="primary" href={href(createPath)}>
                    {identity.createPermissionSet}
                </Button>
            }
        />
    );
}

export function PermissionSets(): ReactNode {
    const { identity, identityMore } = useTexts();
    return (
        <WithCenter title={identity.permissionSets}>
            {(api) => (
                <Page title={identity.permissionSets} description={identityMore.setsText}>
                    <SetList api={api} />
                </Page>
            )}
        </WithCenter>
    );
}

interface Attached {
    name: string;
    arn?: string; // absent: customer managed, by name
    path?: string;
}

function Policies({ api, arn }: { api: IdentityApi; arn: string }): ReactNode {
    const { identityMore: t, common } = useTexts();
    const place = { PermissionSetArn: arn };
    const [attaching, setAttaching] = useState(false);
    const [chosen, setChosen] = useState<readonly MultiselectProps.Option[]>([]);
    const [customer, setCustomer] = useState("");
    const available = useAwsPolicies();
    const policies = useLoad(async () => {
        const [managed, references] = await Promise.all([
            api.admin<{ AttachedManagedPolicies: { Name: string; Arn: string }[] }>("ListManagedPoliciesInPermissionSet", place),
            api.admin<{ CustomerManagedPolicyReferences: { Name: string; Path?: string }[] }>("ListCustomerManagedPolicyReferencesInPermissionSet", place),
        ]);
        return [
            ...managed.AttachedManagedPolicies.map((policy): Attached => ({ name: policy.Name, arn: policy.Arn })),
            ...references.CustomerManagedPolicyReferences.map((policy): Attached => ({ name: policy.Name, path: policy.Path ?? "/" })),
        ];
    }, [api, arn]);
    const detach = async (chosenOnes: Attached[]): Promise<void> => {
        for (const policy of chosenOnes) {
            if (policy.arn) await api.admin("DetachManagedPolicyFromPermissionSet", { ...place, ManagedPolicyArn: policy.arn });
            else await api.admin("DetachCustomerManagedPolicyReferenceFromPermissionSet", { ...place, CustomerManagedPolicyReference: { Name: policy.name, Path: policy.path } });
            notify("success", fill(t.detached, policy.name));
        }
    };
    const attach = async (): Promise<void> => {
        for (const policy of chosen) await api.admin("AttachManagedPolicyToPermissionSet", { ...place, ManagedPolicyArn: policy.value! });
        for (const name of customer.split(/[\s,]+/).filter(Boolean)) {
            await api.admin("AttachCustomerManagedPolicyReferenceToPermissionSet", { ...place, CustomerManagedPolicyReference: { Name: name, Path: "/" } });
        }
        setChosen([]);
        setCustomer("");
        await policies.reload();
    };
    return (
        <SpaceBetween size="m">
            <HeldTable
                title={t.permissions}
                loaded={policies}
                keyOf={(policy) => policy.arn ?? policy.name}
                nameOf={(policy) => policy.name}
                columns={[
                    { id: "name", header: common.name, isName: true, text: (policy) => policy.name, cell: (policy) => policy.name },
                    { id: "type", header: common.type, cell: (policy) => (policy.arn ? t.awsManaged : t.customerManaged) },
                ]}
                empty={{ title: t.policiesEmpty, text: t.policiesEmptyText }}
                remove={t.detach}
                onRemove={detach}
                actions={<Button onClick={() => setAttaching(true)}>{t.attachPolicies}</Button>}
            />
            {attaching && (
                <FormDialog title={t.attachPolicies} submit={t.attachPolicies} canSubmit={chosen.length > 0 || customer.trim() !== ""} onSubmit={attach} onClose={() => setAttaching(false)}>
                    <ManagedPolicies label={t.awsManaged} policies={available} chosen={chosen} onChange={setChosen} />
                    <FormField label={t.customerManaged} description={t.customerManagedHint}>
                        <Input value={customer} onChange={({ detail }) => setCustomer(detail.value)} spellcheck={false} autoComplete={false} />
                    </FormField>
                </FormDialog>
            )}
        </SpaceBetween>
    );
}

function Inline({ api, arn }: { api: IdentityApi; arn: string }): ReactNode {
    const { identityMore: t, common } = useTexts();
    const place = { PermissionSetArn: arn };
    const [draft, setDraft] = useState<string>();
    const deletion = useAction();
    const policy = useLoad(async () => (await api.admin<{ InlinePolicy?: string }>("GetInlinePolicyForPermissionSet", place)).InlinePolicy ?? "", [api, arn]);
    const change = async (operation: string, input: object): Promise<void> => {
        await api.admin(operation, { ...place, ...input });
        notify("success", t.inlineSaved);
        await policy.reload();
    };
    if (draft !== undefined) {
        return (
            <PolicyDraft
                title={t.editInline}
                label={t.inline}
                start={draft}
                kind="identity"
                onSave={(document) => change("PutInlinePolicyToPermissionSet", { InlinePolicy: document })}
                onClose={() => setDraft(undefined)}
            />
        );
    }
    return (
        <SpaceBetween size="m">
            <ErrorBox error={deletion.error} />
            <Awaiting loaded={policy}>
                {(text) =>
                    text ? (
                        <PolicyView
                            title={t.inline}
                            document={pretty(text)}
                            actions={
                                <SpaceBetween direction="horizontal" size="xs">
                                    <Button loading={deletion.busy} onClick={() => void deletion.run(() => change("DeleteInlinePolicyFromPermissionSet", {}))}>
                                        {common.delete}
                                    </Button>
                                    <Button onClick={() => setDraft(pretty(text))}>{common.edit}</Button>
                                </SpaceBetween>
                            }
                        />
                    ) : (
                        <Container
                            header={
                                <Header variant="h2" actions={<Button onClick={() => setDraft(emptyPolicy)}>{common.create}</Button>}>
                                    {t.inline}
                                </Header>
                            }
                        >
                            <Box color="text-body-secondary">{t.inlineNone}</Box>
                        </Container>
                    )
                }
            </Awaiting>
        </SpaceBetween>
    );
}

function AccountsOfSet({ api, arn }: { api: IdentityApi; arn: string }): ReactNode {
    const { identityMore: t, common } = useTexts();
    const accounts = useLoad(() => api.accountsOfPermissionSet(arn), [api, arn]);
    const action = useAction();
    const provision = (): Promise<boolean> =>
        action.run(async () => {
            await api.provision(arn);
            notify("success", t.provisioned);
        });
    return (
        <SpaceBetween size="m">
            <ErrorBox error={action.error} />
            <ResourceTable
                title={t.provisionedAccounts}
                description={t.reprovisionText}
                loaded={accounts}
                keyOf={(id) => id}
                columns={[{ id: "id", header: common.account, isName: true, text: (id) => id, cell: (id) => <Link href={href(`/identity-center/accounts/${id}`)}>{id}</Link> }]}
                empty={{ title: t.provisionedEmpty, text: t.provisionedEmptyText }}
                actions={
                    <Button loading={action.busy} disabled={!accounts.data?.length} onClick={() => void provision()}>
                        {t.reprovision}
                    </Button>
                }
            />
        </SpaceBetween>
    );
}

function EditGeneral({ api, set, onClose, onDone }: { api: IdentityApi; set: PermissionSet; onClose: () => void; onDone: () => void }): ReactNode {
    const { identityMore: t, common } = useTexts();
    const [description, setDescription] = useState(set.Description ?? "");
    const [duration, setDuration] = useState(set.SessionDuration ?? "PT1H");
    const [relay, setRelay] = useState(set.RelayState ?? "");
    const options = durationOptions(t);
    const save = async (): Promise<void> => {
        await api.admin("UpdatePermissionSet", {
            PermissionSetArn: set.PermissionSetArn,
            Description: description || undefined,
            SessionDuration: duration,
            RelayState: relay || undefined,
        });
        notify("success", t.settingsSaved);
        onDone();
    };
    return (
        <FormDialog title={t.editGeneral} submit={common.save} onSubmit={save} onClose={onClose}>
            <FormField label={common.description}>
                <Input value={description} onChange={({ detail }) => setDescription(detail.value)} autoComplete={false} />
            </FormField>
            <FormField label={t.sessionDuration}>
                <Select
                    selectedOption={options.find((option) => option.value === duration) ?? { value: duration, label: duration }}
                    options={options}
                    onChange={({ detail }) => setDuration(detail.selectedOption.value!)}
                />
            </FormField>
            <FormField label={t.relayState} description={t.relayStateHint}>
                <Input value={relay} onChange={({ detail }) => setRelay(detail.value)} spellcheck={false} autoComplete={false} />
            </FormField>
        </FormDialog>
    );
}

function SetView({ api, id }: { api: IdentityApi; id: string }): ReactNode {
    const { identityMore: t, common } = useTexts();
    const arn = `arn:aws:sso:::permissionSet/${api.center.InstanceArn.split("/").pop()}/${id}`;
    const set = useLoad(() => api.permissionSet(arn), [api, arn]);
    const [open, setOpen] = useState<"edit" | "delete">();
    return (
        <Page
            title={set.data?.Name ?? id}
            description={set.data?.Description}
            actions={
                set.data && (
                    <SpaceBetween direction="horizontal" size="xs">
                        <Button onClick={() => setOpen("edit")}>{common.edit}</Button>
                        <Button onClick={() => setOpen("delete")}>{common.delete}</Button>
                    </SpaceBetween>
                )
            }
        >
            <Awaiting loaded={set}>
                {(shown) => (
                    <SpaceBetween size="l">
                        <Facts
                            title={t.general}
                            facts={[
                                [t.sessionDuration, formatMinutes(minutesOfDuration(shown.SessionDuration ?? "PT1H"))],
                                [t.relayState, shown.RelayState || "–"],
                                [common.created, formatDate(shown.CreatedDate)],
                                [common.arn, <Copyable text={shown.PermissionSetArn} />],
                            ]}
                        />
                        <Tabs
                            ariaLabel={t.general}
                            tabs={[
                                {
                                    id: "permissions",
                                    label: t.permissions,
                                    content: (
                                        <SpaceBetween size="l">
                                            <Policies api={api} arn={arn} />
                                            <Inline api={api} arn={arn} />
                                            <BoundaryOfSet api={api} arn={arn} />
                                        </SpaceBetween>
                                    ),
                                },
                                { id: "accounts", label: t.provisionedAccounts, content: <AccountsOfSet api={api} arn={arn} /> },
                            ]}
                        />
                        {open === "edit" && <EditGeneral api={api} set={shown} onClose={() => setOpen(undefined)} onDone={() => void set.reload()} />}
                        {open === "delete" && (
                            <ConfirmDialog
                                title={t.deleteSet}
                                text={fill(t.deleteSetText, shown.Name)}
                                word={shown.Name}
                                submit={common.delete}
                                onClose={() => setOpen(undefined)}
                                onSubmit={async () => {
                                    await api.admin("DeletePermissionSet", { PermissionSetArn: arn });
                                    notify("success", fill(t.setDeleted, shown.Name));
                                    navigate("/identity-center/permission-sets");
                                }}
                            />
                        )}
                    </SpaceBetween>
                )}
            </Awaiting>
        </Page>
    );
}

export function PermissionSetPage({ id = "" }: { id?: string }): ReactNode {
    const t = useTexts().identity;
    return <WithCenter title={t.permissionSets}>{(api) => <SetView api={api} id={id} />}</WithCenter>;
}
