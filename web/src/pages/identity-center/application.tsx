import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import Toggle from "@cloudscape-design/components/toggle";
import { useMemo, useState, type ReactNode } from "react";
import { ApplicationApi, grantsAreComplete, words, type Application, type Grants } from "../../api/applications";
import type { IdentityApi, Principal } from "../../api/identity";
import { GroupChoice, UserChoice, type Chosen } from "../../parts/choice";
import { ConfirmDialog, FormDialog } from "../../parts/dialog";
import { ErrorBox } from "../../parts/errors";
import { notify } from "../../parts/flash";
import { formatDate } from "../../parts/format";
import { HeldTable } from "../../parts/held";
import { useAction, useLoad, usePages } from "../../parts/load";
import { Awaiting, Copyable, Facts, Page } from "../../parts/page";
import { PolicyDraft, PolicyView } from "../../policy/editor";
import { href, navigate } from "../../router";
import { fill, useTexts } from "../../texts";
import { ApplicationStatus } from "./applications";
import { WithCenter } from "./center";
import { GrantFields } from "./grants";

type Named = Principal & { name: string };

function Assign({ api, application, inside, onClose, onDone }: {
    api: IdentityApi;
    application: ApplicationApi;
    inside: Named[];
    onClose: () => void;
    onDone: () => void;
}): ReactNode {
    const { applications: t, identity } = useTexts();
    const users = usePages((next) => api.users(next), [api], api.userSearch);
    const groups = usePages((next) => api.groups(next), [api], api.groupSearch);
    const [chosenGroups, setGroups] = useState<Chosen>([]);
    const [chosenUsers, setUsers] = useState<Chosen>([]);
    const known = new Set(inside.map((principal) => principal.PrincipalId));
    const assign = async (): Promise<void> => {
        const wanted = [
            ...chosenGroups.map((option) => ({ PrincipalType: "GROUP", PrincipalId: option.value! })),
            ...chosenUsers.map((option) => ({ PrincipalType: "USER", PrincipalId: option.value! })),
        ];
        for (const principal of wanted) await application.call("CreateApplicationAssignment", principal);
        notify("success", fill(t.assigned, [...chosenGroups, ...chosenUsers].map((option) => option.label).join(", ")));
        onDone();
    };
    return (
        <FormDialog title={t.assign} submit={t.assign} canSubmit={chosenGroups.length + chosenUsers.length > 0} onSubmit={assign} onClose={onClose}>
            <FormField label={identity.groups}>
                <GroupChoice from={groups} without={known} chosen={chosenGroups} onChoose={setGroups} />
            </FormField>
            <FormField label={identity.users}>
                <UserChoice from={users} without={known} chosen={chosenUsers} onChoose={setUsers} />
            </FormField>
            <ErrorBox error={groups.error ?? users.error} />
        </FormDialog>
    );
}

function WhoMay({ application }: { application: ApplicationApi }): ReactNode {
    const { applications: t } = useTexts();
    const required = useLoad(() => application.needsAssignment(), [application]);
    const action = useAction();
    const set = (value: boolean): Promise<boolean> =>
        action.run(async () => {
            await application.setNeedsAssignment(value);
            notify("success", value ? t.requiredSaved : t.notRequiredSaved);
            await required.reload();
        });
    return (
        <Container header={<Header variant="h2">{t.whoMay}</Header>}>
            <SpaceBetween size="s">
                <Awaiting loaded={required}>
                    {(isRequired) => (
                        <Toggle
                            checked={isRequired}
                            disabled={action.busy}
                            description={isRequired ? t.requiredText : t.notRequiredText}
                            onChange={({ detail }) => void set(detail.checked)}
                        >
                            {t.required}
                        </Toggle>
                    )}
                </Awaiting>
                <ErrorBox error={action.error} />
            </SpaceBetween>
        </Container>
    );
}

function Assignments({ api, application }: { api: IdentityApi; application: ApplicationApi }): ReactNode {
    const { applications: t, identityMore, common } = useTexts();
    const [assigning, setAssigning] = useState(false);
    const assignments = useLoad(async () => {
        const found = await application.assignments();
        return Promise.all(found.map(async (principal) => ({ ...principal, name: await api.nameOf(principal) })));
    }, [api, application]);
    const remove = async (chosen: Named[]): Promise<void> => {
        for (const { PrincipalType, PrincipalId } of chosen) await application.call("DeleteApplicationAssignment", { PrincipalType, PrincipalId });
        notify("success", fill(t.unassigned, chosen.map((principal) => principal.name).join(", ")));
    };
    return (
        <SpaceBetween size="l">
            <WhoMay application={application} />
            <HeldTable<Named>
                title={t.assignments}
                loaded={assignments}
                keyOf={(principal) => principal.PrincipalId}
                nameOf={(principal) => principal.name}
                columns={[
                    {
                        id: "name",
                        header: common.name,
                        isName: true,
                        text: (principal) => principal.name,
                        cell: (principal) => (
                            <Link href={href(`/identity-center/${principal.PrincipalType === "USER" ? "users" : "groups"}/${principal.PrincipalId}`)}>{principal.name}</Link>
                        ),
                    },
                    { id: "type", header: common.type, text: (principal) => principal.PrincipalType, cell: (principal) => (principal.PrincipalType === "USER" ? identityMore.user : identityMore.group) },
                ]}
                empty={{ title: t.assignmentsEmpty, text: t.assignmentsEmptyText }}
                remove={identityMore.removeAccess}
                onRemove={remove}
                actions={<Button onClick={() => setAssigning(true)}>{t.assign}</Button>}
            />
            {assigning && (
                <Assign api={api} application={application} inside={assignments.data ?? []} onClose={() => setAssigning(false)} onDone={() => void assignments.reload()} />
            )}
        </SpaceBetween>
    );
}

function EditGrants({ api, application, grants, onClose, onDone }: {
    api: IdentityApi;
    application: ApplicationApi;
    grants: Grants;
    onClose: () => void;
    onDone: () => void;
}): ReactNode {
    const { applications: t, common } = useTexts();
    const [draft, setDraft] = useState(grants);
    const save = async (): Promise<void> => {
        await application.saveGrants(draft);
        notify("success", t.grantsSaved);
        onDone();
    };
    return (
        <FormDialog title={t.editGrants} submit={common.save} size="large" canSubmit={grantsAreComplete(draft)} onSubmit={save} onClose={onClose}>
            <GrantFields api={api} grants={draft} onChange={setDraft} />
        </FormDialog>
    );
}

function SignIn({ api, application }: { api: IdentityApi; application: ApplicationApi }): ReactNode {
    const { applications: t, common } = useTexts();
    const grants = useLoad(() => application.grants(), [application]);
    const [editing, setEditing] = useState(false);
    const names = (held: Grants): string =>
        [held.code && t.grantCode, held.refresh && t.grantRefresh, held.bearer && t.grantBearer, held.exchange && t.grantExchange].filter(Boolean).join(", ") || common.none;
    return (
        <SpaceBetween size="l">
            <Container
                header={
                    <Header
                        variant="h2"
                        description={t.grantsText}
                        actions={
                            <Button disabled={!grants.data} onClick={() => setEditing(true)}>
                                {t.editGrants}
                            </Button>
                        }
                    >
                        {t.grants}
                    </Header>
                }
            >
                <Awaiting loaded={grants}>
                    {(held) => (
                        <KeyValuePairs
                            columns={2}
                            items={[
                                { label: common.type, value: names(held) },
                                {
                                    label: t.redirectUris,
                                    value: held.code ? words(held.redirectUris).map((uri) => <Box key={uri}>{uri}</Box>) : "–",
                                },
                            ]}
                        />
                    )}
                </Awaiting>
            </Container>
            <Container
                header={
                    <Header variant="h2" description={t.connectionText}>
                        {t.connection}
                    </Header>
                }
            >
                <KeyValuePairs
                    columns={2}
                    items={[
                        { label: t.clientId, value: <Copyable text={application.arn} /> },
                        { label: t.issuerUrl, value: <Copyable text={`${location.origin}/oidc/${api.center.IdentityStoreId}`} /> },
                        { label: t.authorizeUrl, value: <Copyable text={`${location.origin}/authorize`} /> },
                        { label: t.tokenCall, value: t.tokenCallValue },
                    ]}
                />
            </Container>
            {editing && grants.data && (
                <EditGrants api={api} application={application} grants={grants.data} onClose={() => setEditing(false)} onDone={() => void grants.reload()} />
            )}
        </SpaceBetween>
    );
}

function Scopes({ application }: { application: ApplicationApi }): ReactNode {
    const { applications: t, common } = useTexts();
    const scopes = useLoad(() => application.scopes(), [application]);
    const [adding, setAdding] = useState(false);
    const [scope, setScope] = useState("");
    const remove = async (chosen: string[]): Promise<void> => {
        for (const Scope of chosen) await application.call("DeleteApplicationAccessScope", { Scope });
        notify("success", t.scopesRemoved);
    };
    const add = async (): Promise<void> => {
        await application.call("PutApplicationAccessScope", { Scope: scope });
        notify("success", fill(t.scopeAdded, scope));
        setScope("");
        await scopes.reload();
    };
    return (
        <>
            <HeldTable
                title={t.scopes}
                description={t.scopesText}
                loaded={scopes}
                keyOf={(name) => name}
                columns={[{ id: "name", header: t.scope, isName: true, text: (name) => name, cell: (name) => name }]}
                empty={{ title: t.scopesEmpty, text: t.scopesEmptyText }}
                remove={common.remove}
                onRemove={remove}
                actions={<Button onClick={() => setAdding(true)}>{t.addScope}</Button>}
            />
            {adding && (
                <FormDialog title={t.addScope} submit={t.addScope} canSubmit={/^\w{1,50}(:\w{1,50}){0,2}$/.test(scope)} onSubmit={add} onClose={() => setAdding(false)}>
                    <FormField label={t.scope} description={t.scopeHint}>
                        <Input value={scope} autoComplete={false} spellcheck={false} onChange={({ detail }) => setScope(detail.value)} />
                    </FormField>
                </FormDialog>
            )}
        </>
    );
}

// A start that names nobody outside this account.
function actorStart(application: ApplicationApi): string {
    const account = application.arn.split(":")[4]!;
    const statement = {
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: "sso-oauth:CreateTokenWithIAM",
        Resource: application.arn,
    };
    return JSON.stringify({ Version: "2012-10-17", Statement: [statement] }, null, 2);
}

function Actor({ application }: { application: ApplicationApi }): ReactNode {
    const { applications: t, common } = useTexts();
    const policy = useLoad(() => application.actorPolicy(), [application]);
    const [draft, setDraft] = useState<string>();
    const save = async (document: string): Promise<void> => {
        await application.setActorPolicy(document);
        notify("success", t.actorSaved);
        await policy.reload();
    };
    if (draft !== undefined) return <PolicyDraft title={t.actor} label={t.actorText} start={draft} kind="resource" onSave={save} onClose={() => setDraft(undefined)} />;
    return (
        <Awaiting loaded={policy}>
            {(document) =>
                document ? (
                    <PolicyView title={t.actor} document={document} actions={<Button onClick={() => setDraft(document)}>{common.edit}</Button>} />
                ) : (
                    <Container
                        header={
                            <Header variant="h2" description={t.actorText} actions={<Button onClick={() => setDraft(actorStart(application))}>{common.create}</Button>}>
                                {t.actor}
                            </Header>
                        }
                    >
                        <Box color="text-body-secondary">{t.actorNone}</Box>
                    </Container>
                )
            }
        </Awaiting>
    );
}

function Edit({ application, shown, onClose, onDone }: { application: ApplicationApi; shown: Application; onClose: () => void; onDone: () => void }): ReactNode {
    const { applications: t, common } = useTexts();
    const before = shown.PortalOptions?.SignInOptions?.ApplicationUrl ?? "";
    const [name, setName] = useState(shown.Name);
    const [description, setDescription] = useState(shown.Description ?? "");
    const [url, setUrl] = useState(before);
    const save = async (): Promise<void> => {
        await application.call("UpdateApplication", {
            Name: name,
            Description: description || undefined,
            PortalOptions: url ? { SignInOptions: { Origin: "APPLICATION", ApplicationUrl: url } } : undefined,
        });
        notify("success", t.saved);
        onDone();
    };
    return (
        <FormDialog title={t.edit} submit={common.save} canSubmit={name.trim() !== "" && (url !== "" || before === "")} onSubmit={save} onClose={onClose}>
            <FormField label={t.name}>
                <Input value={name} autoComplete={false} onChange={({ detail }) => setName(detail.value)} />
            </FormField>
            <FormField label={common.description}>
                <Input value={description} autoComplete={false} onChange={({ detail }) => setDescription(detail.value)} />
            </FormField>
            <FormField label={t.url} description={t.urlHint}>
                <Input value={url} type="url" autoComplete={false} spellcheck={false} onChange={({ detail }) => setUrl(detail.value)} />
            </FormField>
        </FormDialog>
    );
}

function ApplicationView({ api, arn }: { api: IdentityApi; arn: string }): ReactNode {
    const { applications: t, common } = useTexts();
    const application = useMemo(() => new ApplicationApi(api, arn), [api, arn]);
    const described = useLoad(() => application.describe(), [application]);
    const [open, setOpen] = useState<"edit" | "disable" | "delete">();
    const action = useAction();
    const name = described.data?.Name ?? arn.split("/").pop()!;
    const isEnabled = described.data?.Status === "ENABLED";
    const setStatus = async (Status: Application["Status"]): Promise<void> => {
        await application.call("UpdateApplication", { Status });
        notify("success", fill(Status === "ENABLED" ? t.enabledDone : t.disabledDone, name));
        await described.reload();
    };
    return (
        <Page
            title={name}
            description={described.data?.Description}
            actions={
                described.data && (
                    <SpaceBetween direction="horizontal" size="xs">
                        <Button onClick={() => setOpen("edit")}>{common.edit}</Button>
                        <Button loading={action.busy} onClick={() => (isEnabled ? setOpen("disable") : void action.run(() => setStatus("ENABLED")))}>
                            {isEnabled ? t.disable : t.enable}
                        </Button>
                        <Button onClick={() => setOpen("delete")}>{common.delete}</Button>
                    </SpaceBetween>
                )
            }
        >
            <Awaiting loaded={described}>
                {(shown) => (
                    <SpaceBetween size="l">
                        <ErrorBox error={action.error} />
                        {!isEnabled && (
                            <Alert type="info" statusIconAriaLabel={common.info}>
                                {fill(t.disableText, shown.Name)}
                            </Alert>
                        )}
                        <Facts
                            title={t.details}
                            facts={[
                                [common.status, <ApplicationStatus application={shown} />],
                                [common.type, t.type],
                                [t.visibleShort, shown.PortalOptions?.Visibility === "ENABLED" ? common.yes : common.no],
                                [t.url, shown.PortalOptions?.SignInOptions?.ApplicationUrl ?? "–"],
                                [common.created, formatDate(shown.CreatedDate)],
                                [common.arn, <Copyable text={arn} />],
                            ]}
                        />
                        <Tabs
                            ariaLabel={t.details}
                            tabs={[
                                { id: "assignments", label: t.assignments, content: <Assignments api={api} application={application} /> },
                                { id: "sign-in", label: t.signIn, content: <SignIn api={api} application={application} /> },
                                { id: "scopes", label: t.scopes, content: <Scopes application={application} /> },
                                { id: "actor", label: t.actor, content: <Actor application={application} /> },
                            ]}
                        />
                        {open === "edit" && <Edit application={application} shown={shown} onClose={() => setOpen(undefined)} onDone={() => void described.reload()} />}
                        {open === "disable" && (
                            <ConfirmDialog title={t.disableTitle} text={fill(t.disableText, shown.Name)} submit={t.disable} onClose={() => setOpen(undefined)} onSubmit={() => setStatus("DISABLED")} />
                        )}
                        {open === "delete" && (
                            <ConfirmDialog
                                title={t.delete}
                                text={fill(t.deleteText, shown.Name)}
                                word={shown.Name}
                                submit={common.delete}
                                onClose={() => setOpen(undefined)}
                                onSubmit={async () => {
                                    await application.call("DeleteApplication");
                                    notify("success", fill(t.deleted, shown.Name));
                                    navigate("/identity-center/applications");
                                }}
                            />
                        )}
                    </SpaceBetween>
                )}
            </Awaiting>
        </Page>
    );
}

export function ApplicationPage({ arn = "" }: { arn?: string }): ReactNode {
    const { applications: t } = useTexts();
    return <WithCenter title={t.title}>{(api) => <ApplicationView api={api} arn={arn} />}</WithCenter>;
}
