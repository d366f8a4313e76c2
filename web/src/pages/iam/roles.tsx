import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState, type ReactNode } from "react";
import { iam, iamApi, readDocument, type IamRole } from "../../api/iam";
import { ConfirmDialog } from "../../parts/dialog";
import { ErrorBox } from "../../parts/errors";
import { notify } from "../../parts/flash";
import { formatDate, formatMinutes } from "../../parts/format";
import { useAction, useLoad, usePages } from "../../parts/load";
import { Awaiting, Copyable, Facts, Page } from "../../parts/page";
import { ResourceTable } from "../../parts/table";
import { isSendable, PolicyDraft, PolicyEditor, PolicyView, useProblems } from "../../policy/editor";
import { href, navigate } from "../../router";
import { session } from "../../session";
import { fill, useTexts } from "../../texts";
import { Permissions } from "./permissions";

const reservedPath = "/aws-reserved/";

export function Roles(): ReactNode {
    const { iam: t, common } = useTexts();
    const roles = usePages(iamApi.roles);
    return (
        <Page title={t.roles} description={t.rolesText}>
            <ResourceTable
                title={t.roles}
                loaded={roles}
                keyOf={(role) => role.Arn}
                nameOf={(role) => role.RoleName}
                columns={[
                    { id: "name", header: t.roleName, isName: true, text: (role) => role.RoleName, cell: (role) => <Link href={href(`/iam/roles/${encodeURIComponent(role.RoleName)}`)}>{role.RoleName}</Link> },
                    { id: "path", header: t.path, text: (role) => role.Path, cell: (role) => role.Path },
                    { id: "description", header: common.description, text: (role) => role.Description ?? "", cell: (role) => role.Description || "–" },
                    { id: "created", header: common.created, text: (role) => role.CreateDate, cell: (role) => formatDate(role.CreateDate) },
                ]}
                empty={{ title: t.rolesEmpty, text: t.rolesEmptyText }}
                actions={
                    <Button variant="primary" href={href("/iam/roles/create")}>
                        {t.createRole}
                    </Button>
                }
            />
        </Page>
    );
}

// Anyone in this account with the permission: a start that is safe to edit.
function trustOfAccount(): string {
    const who = session.who.get();
    const account = who.kind === "role" ? who.role.accountId : who.kind === "user" ? who.user.accountId : who.kind === "keys" ? who.accountId : "111122223333";
    const document = {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: "sts:AssumeRole" }],
    };
    return JSON.stringify(document, null, 2);
}

export function CreateRole(): ReactNode {
    const { iam: t, common } = useTexts();
    const [name, setName] = useState("");
    const [description, setDescription] = useState("");
    const [trust, setTrust] = useState(trustOfAccount);
    const problems = useProblems(trust, "trust");
    const action = useAction();
    const create = async (): Promise<void> => {
        await iam("CreateRole", { RoleName: name, Description: description || undefined, AssumeRolePolicyDocument: trust });
        notify("success", fill(t.roleCreated, name));
        navigate(`/iam/roles/${encodeURIComponent(name)}`);
    };
    return (
        <Page title={t.createRole}>
            <Container>
                <SpaceBetween size="l">
                    <FormField label={t.roleName}>
                        <Input value={name} onChange={({ detail }) => setName(detail.value)} autoComplete={false} spellcheck={false} />
                    </FormField>
                    <FormField label={<span>{common.description} - <i>{common.optional}</i></span>}>
                        <Input value={description} onChange={({ detail }) => setDescription(detail.value)} autoComplete={false} />
                    </FormField>
                    <PolicyEditor value={trust} onChange={setTrust} kind="trust" label={`${t.trust}: ${t.trustText}`} />
                    <ErrorBox error={action.error} />
                    <SpaceBetween direction="horizontal" size="xs">
                        <Button variant="link" href={href("/iam/roles")}>
                            {common.cancel}
                        </Button>
                        <Button variant="primary" loading={action.busy} disabled={!name || !isSendable(problems)} onClick={() => void action.run(create)}>
                            {t.createRole}
                        </Button>
                    </SpaceBetween>
                </SpaceBetween>
            </Container>
        </Page>
    );
}

function Trust({ role, onDone }: { role: IamRole; onDone: () => void }): ReactNode {
    const { iam: t, common } = useTexts();
    const current = readDocument(role.AssumeRolePolicyDocument);
    const [isOpen, setOpen] = useState(false);
    const save = async (document: string): Promise<void> => {
        await iam("UpdateAssumeRolePolicy", { RoleName: role.RoleName, PolicyDocument: document });
        notify("success", t.trustSaved);
        onDone();
    };
    if (isOpen) return <PolicyDraft title={t.trust} label={t.trustText} start={current} kind="trust" onSave={save} onClose={() => setOpen(false)} />;
    return (
        <PolicyView
            title={t.trust}
            document={current}
            actions={!role.Path.startsWith(reservedPath) && <Button onClick={() => setOpen(true)}>{common.edit}</Button>}
        />
    );
}

async function deleteRole(name: string): Promise<void> {
    const [attached, inline] = await Promise.all([iamApi.attachedTo("Role", name), iamApi.inlineOf("Role", name)]);
    for (const policy of attached) await iam("DetachRolePolicy", { RoleName: name, PolicyArn: policy.PolicyArn });
    for (const policy of inline) await iam("DeleteRolePolicy", { RoleName: name, PolicyName: policy });
    await iam("DeleteRole", { RoleName: name });
}

export function RolePage({ name = "" }: { name?: string }): ReactNode {
    const { iam: t, common } = useTexts();
    const role = useLoad(() => iamApi.role(name), [name]);
    const [deleting, setDeleting] = useState(false);
    const isReserved = role.data?.Path.startsWith(reservedPath) ?? false;
    return (
        <Page title={name} description={role.data?.Description} actions={role.data && !isReserved && <Button onClick={() => setDeleting(true)}>{t.deleteRole}</Button>}>
            <Awaiting loaded={role}>
                {(shown) => (
                    <SpaceBetween size="l">
                        {isReserved && (
                            <Alert type="info" statusIconAriaLabel={common.info}>
                                {t.protectedRole}
                            </Alert>
                        )}
                        <Facts
                            title={common.summary}
                            columns={2}
                            facts={[
                                [common.arn, <Copyable text={shown.Arn} />],
                                [common.id, <Copyable text={shown.RoleId} />],
                                [t.maxSession, formatMinutes(Number(shown.MaxSessionDuration ?? 3600) / 60)],
                                [common.created, formatDate(shown.CreateDate)],
                            ]}
                        />
                        <Tabs
                            ariaLabel={common.details}
                            tabs={[
                                { id: "permissions", label: t.permissions, content: <Permissions kind="Role" name={name} canEdit={!isReserved} /> },
                                { id: "trust", label: t.trust, content: <Trust role={shown} onDone={() => void role.reload()} /> },
                            ]}
                        />
                        {deleting && (
                            <ConfirmDialog
                                title={t.deleteRole}
                                text={fill(t.deleteRoleText, name)}
                                word={name}
                                submit={common.delete}
                                onClose={() => setDeleting(false)}
                                onSubmit={async () => {
                                    await deleteRole(name);
                                    notify("success", fill(t.roleDeleted, name));
                                    navigate("/iam/roles");
                                }}
                            />
                        )}
                    </SpaceBetween>
                )}
            </Awaiting>
        </Page>
    );
}
