import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Tabs from "@cloudscape-design/components/tabs";
import { useState, type ReactNode } from "react";
import { iam, iamApi, type AccessKey, type NewAccessKey } from "../../api/iam";
import { ConfirmDialog, FormDialog } from "../../parts/dialog";
import { ErrorBox } from "../../parts/errors";
import { notify } from "../../parts/flash";
import { formatDate } from "../../parts/format";
import { useAction, useLoad, usePages } from "../../parts/load";
import { Awaiting, Copyable, Facts, Page } from "../../parts/page";
import { ResourceTable } from "../../parts/table";
import { href, navigate } from "../../router";
import { fill, useTexts } from "../../texts";
import { Permissions } from "./permissions";

const keysMax = 2; // of a user, as IAM has it

export function Users(): ReactNode {
    const { iam: t, common } = useTexts();
    const users = usePages(iamApi.users);
    const [creating, setCreating] = useState(false);
    const [name, setName] = useState("");
    return (
        <Page title={t.users} description={t.usersText}>
            <ResourceTable
                title={t.users}
                loaded={users}
                keyOf={(user) => user.Arn}
                nameOf={(user) => user.UserName}
                columns={[
                    { id: "name", header: t.userName, isName: true, text: (user) => user.UserName, cell: (user) => <Link href={href(`/iam/users/${encodeURIComponent(user.UserName)}`)}>{user.UserName}</Link> },
                    { id: "path", header: t.path, text: (user) => user.Path, cell: (user) => user.Path },
                    { id: "created", header: common.created, text: (user) => user.CreateDate, cell: (user) => formatDate(user.CreateDate) },
                ]}
                empty={{ title: t.usersEmpty, text: t.usersEmptyText }}
                actions={
                    <Button variant="primary" onClick={() => setCreating(true)}>
                        {t.createUser}
                    </Button>
                }
            />
            {creating && (
                <FormDialog
                    title={t.createUser}
                    submit={t.createUser}
                    canSubmit={name !== ""}
                    onClose={() => setCreating(false)}
                    onSubmit={async () => {
                        await iam("CreateUser", { UserName: name });
                        notify("success", fill(t.userCreated, name));
                        navigate(`/iam/users/${encodeURIComponent(name)}`);
                    }}
                >
                    <FormField label={t.userName}>
                        <Input value={name} onChange={({ detail }) => setName(detail.value)} autoComplete={false} spellcheck={false} autoFocus />
                    </FormField>
                </FormDialog>
            )}
        </Page>
    );
}

function Keys({ name }: { name: string }): ReactNode {
    const { iam: t, common } = useTexts();
    const keys = useLoad(() => iamApi.accessKeys(name), [name]);
    const [selected, setSelected] = useState<AccessKey[]>([]);
    const [made, setMade] = useState<NewAccessKey>();
    const [deleting, setDeleting] = useState(false);
    const action = useAction();
    const key = selected[0];
    const change = (work: () => Promise<unknown>): Promise<boolean> =>
        action.run(async () => {
            await work();
            setSelected([]);
            await keys.reload();
        });
    const turned = key?.Status === "Active" ? "Inactive" : "Active";
    return (
        <SpaceBetween size="m">
            <ErrorBox error={action.error} />
            <ResourceTable
                title={t.accessKeys}
                loaded={keys}
                keyOf={(item) => item.AccessKeyId}
                selection="single"
                selected={selected}
                onSelect={setSelected}
                columns={[
                    { id: "id", header: common.accessKeyId, isName: true, text: (item) => item.AccessKeyId, cell: (item) => item.AccessKeyId },
                    {
                        id: "status",
                        header: common.status,
                        cell: (item) => (
                            <StatusIndicator type={item.Status === "Active" ? "success" : "stopped"}>{item.Status === "Active" ? t.active : t.inactive}</StatusIndicator>
                        ),
                    },
                    { id: "created", header: common.created, cell: (item) => formatDate(item.CreateDate) },
                ]}
                empty={{ title: t.keysEmpty, text: t.keysEmptyText }}
                actions={
                    <SpaceBetween direction="horizontal" size="xs">
                        <Button
                            disabled={!key}
                            loading={action.busy}
                            onClick={() => void change(() => iam("UpdateAccessKey", { UserName: name, AccessKeyId: key!.AccessKeyId, Status: turned }))}
                        >
                            {turned === "Active" && key ? t.activate : t.deactivate}
                        </Button>
                        <Button disabled={!key} onClick={() => setDeleting(true)}>
                            {common.delete}
                        </Button>
                        <Button
                            disabled={(keys.data?.length ?? 0) >= keysMax}
                            onClick={() => void change(async () => setMade((await iam<{ AccessKey: NewAccessKey }>("CreateAccessKey", { UserName: name })).AccessKey))}
                        >
                            {t.createKey}
                        </Button>
                    </SpaceBetween>
                }
            />
            {made && (
                <FormDialog title={t.keyCreated} submit={common.close} onSubmit={async () => undefined} onClose={() => setMade(undefined)}>
                    <Box>{t.keyCreatedText}</Box>
                    <Facts
                        title={t.accessKeys}
                        columns={1}
                        facts={[
                            [common.accessKeyId, <Copyable text={made.AccessKeyId} />],
                            [common.secretAccessKey, <Copyable text={made.SecretAccessKey} />],
                        ]}
                    />
                </FormDialog>
            )}
            {deleting && key && (
                <ConfirmDialog
                    title={t.deleteKey}
                    text={fill(t.deleteKeyText, key.AccessKeyId)}
                    submit={common.delete}
                    onClose={() => setDeleting(false)}
                    onSubmit={() => change(() => iam("DeleteAccessKey", { UserName: name, AccessKeyId: key.AccessKeyId }))}
                />
            )}
        </SpaceBetween>
    );
}

// IAM deletes only what nothing hangs on.
async function deleteUser(name: string): Promise<void> {
    const [keys, attached, inline, groups] = await Promise.all([
        iamApi.accessKeys(name),
        iamApi.attachedTo("User", name),
        iamApi.inlineOf("User", name),
        iamApi.groupsOf(name),
    ]);
    for (const key of keys) await iam("DeleteAccessKey", { UserName: name, AccessKeyId: key.AccessKeyId });
    for (const policy of attached) await iam("DetachUserPolicy", { UserName: name, PolicyArn: policy.PolicyArn });
    for (const policy of inline) await iam("DeleteUserPolicy", { UserName: name, PolicyName: policy });
    for (const group of groups) await iam("RemoveUserFromGroup", { UserName: name, GroupName: group.GroupName });
    await iam("DeleteUser", { UserName: name });
}

export function UserPage({ name = "" }: { name?: string }): ReactNode {
    const { iam: t, common } = useTexts();
    const user = useLoad(() => iamApi.user(name), [name]);
    const groups = useLoad(() => iamApi.groupsOf(name), [name]);
    const [deleting, setDeleting] = useState(false);
    return (
        <Page
            title={name}
            description={groups.data?.length ? fill(t.groupsOfUser, groups.data.map((group) => group.GroupName).join(", ")) : undefined}
            actions={user.data && <Button onClick={() => setDeleting(true)}>{t.deleteUser}</Button>}
        >
            <Awaiting loaded={user}>
                {(shown) => (
                    <SpaceBetween size="l">
                        <Facts
                            title={common.summary}
                            facts={[
                                [common.arn, <Copyable text={shown.Arn} />],
                                [common.id, <Copyable text={shown.UserId} />],
                                [common.created, formatDate(shown.CreateDate)],
                            ]}
                        />
                        <Tabs
                            ariaLabel={common.details}
                            tabs={[
                                { id: "permissions", label: t.permissions, content: <Permissions kind="User" name={name} /> },
                                { id: "keys", label: t.accessKeys, content: <Keys name={name} /> },
                            ]}
                        />
                        {deleting && (
                            <ConfirmDialog
                                title={t.deleteUser}
                                text={fill(t.deleteUserText, name)}
                                word={name}
                                submit={common.delete}
                                onClose={() => setDeleting(false)}
                                onSubmit={async () => {
                                    await deleteUser(name);
                                    notify("success", fill(t.userDeleted, name));
                                    navigate("/iam/users");
                                }}
                            />
                        )}
                    </SpaceBetween>
                )}
            </Awaiting>
        </Page>
    );
}
