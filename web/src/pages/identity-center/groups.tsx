import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState, type ReactNode } from "react";
import type { Group, IdentityApi, Membership, User } from "../../api/identity";
import { UserChoice, type Chosen } from "../../parts/choice";
import { ConfirmDialog, FormDialog } from "../../parts/dialog";
import { notify } from "../../parts/flash";
import { useLoad, usePages } from "../../parts/load";
import { Awaiting, Copyable, Facts, Page } from "../../parts/page";
import { ResourceTable } from "../../parts/table";
import { href, navigate } from "../../router";
import { fill, useTexts } from "../../texts";
import { AssignmentsOf } from "./assignments_of";
import { WithCenter } from "./center";

function GroupDialog({ api, group, onClose, onDone }: { api: IdentityApi; group?: Group; onClose: () => void; onDone: (id: string) => void }): ReactNode {
    const { identity: t, identityMore: more, common } = useTexts();
    const [name, setName] = useState(group?.DisplayName ?? "");
    const [description, setDescription] = useState(group?.Description ?? "");
    const save = async (): Promise<void> => {
        if (group) {
            await api.store("UpdateGroup", {
                GroupId: group.GroupId,
                Operations: [
                    { AttributePath: "displayName", AttributeValue: name },
                    { AttributePath: "description", AttributeValue: description },
                ],
            });
            notify("success", more.settingsSaved);
            return onDone(group.GroupId);
        }
        const made = await api.store<{ GroupId: string }>("CreateGroup", { DisplayName: name, Description: description || undefined });
        notify("success", fill(t.groupCreated, name));
        onDone(made.GroupId);
    };
    return (
        <FormDialog title={group ? common.edit : t.createGroup} submit={group ? common.save : t.createGroup} onSubmit={save} onClose={onClose} canSubmit={name.trim() !== ""}>
            <FormField label={t.groupName}>
                <Input value={name} onChange={({ detail }) => setName(detail.value)} autoComplete={false} autoFocus />
            </FormField>
            <FormField label={<span>{common.description} - <i>{common.optional}</i></span>}>
                <Input value={description} onChange={({ detail }) => setDescription(detail.value)} autoComplete={false} />
            </FormField>
        </FormDialog>
    );
}

function GroupList({ api }: { api: IdentityApi }): ReactNode {
    const { identity: t, common } = useTexts();
    const groups = usePages((next) => api.groups(next), [api], api.groupSearch);
    const [creating, setCreating] = useState(false);
    return (
        <>
            <ResourceTable
                title={t.groups}
                loaded={groups}
                keyOf={(group) => group.GroupId}
                nameOf={(group) => group.DisplayName ?? ""}
                columns={[
                    {
                        id: "name",
                        header: t.groupName,
                        isName: true,
                        text: (group) => group.DisplayName ?? "",
                        cell: (group) => <Link href={href(`/identity-center/groups/${group.GroupId}`)}>{group.DisplayName}</Link>,
                    },
                    { id: "description", header: common.description, text: (group) => group.Description ?? "", cell: (group) => group.Description ?? "–" },
                ]}
                empty={{ title: t.groupsEmpty, text: t.groupsEmptyText }}
                actions={
                    <Button variant="primary" onClick={() => setCreating(true)}>
                        {t.createGroup}
                    </Button>
                }
            />
            {creating && <GroupDialog api={api} onClose={() => setCreating(false)} onDone={() => void groups.reload()} />}
        </>
    );
}

export function Groups(): ReactNode {
    const t = useTexts().identity;
    return (
        <WithCenter title={t.groups}>
            {(api) => (
                <Page title={t.groups} description={t.groupsText}>
                    <GroupList api={api} />
                </Page>
            )}
        </WithCenter>
    );
}

function Members({ api, group }: { api: IdentityApi; group: Group }): ReactNode {
    const { identity: t } = useTexts();
    const [selected, setSelected] = useState<(Membership & { user: User })[]>([]);
    const [adding, setAdding] = useState(false);
    const [chosen, setChosen] = useState<Chosen>([]);
    const members = useLoad(async () => {
        const found = await api.members(group.GroupId);
        return Promise.all(found.map(async (membership) => ({ ...membership, user: await api.user(membership.MemberId.UserId) })));
    }, [api, group.GroupId]);
    const users = usePages((next) => api.users(next), [api], api.userSearch);
    const inside = new Set(members.data?.map((member) => member.MemberId.UserId));
    const remove = async (): Promise<void> => {
        for (const member of selected) await api.store("DeleteGroupMembership", { MembershipId: member.MembershipId });
        notify("success", fill(t.membersRemoved, selected.map((member) => member.user.UserName).join(", ")));
        setSelected([]);
        await members.reload();
    };
    const add = async (): Promise<void> => {
        for (const user of chosen) await api.addMember(group.GroupId, user.value!);
        notify("success", fill(t.membersAdded, chosen.map((user) => user.label).join(", ")));
        setChosen([]);
        await members.reload();
    };
    return (
        <>
            <ResourceTable
                title={t.members}
                loaded={members}
                keyOf={(member) => member.MembershipId}
                nameOf={(member) => member.user.UserName}
                selection="multi"
                selected={selected}
                onSelect={setSelected}
                columns={[
                    {
                        id: "name",
                        header: t.username,
                        isName: true,
                        text: (member) => member.user.UserName,
                        cell: (member) => <Link href={href(`/identity-center/users/${member.user.UserId}`)}>{member.user.UserName}</Link>,
                    },
                    { id: "display", header: t.displayName, text: (member) => member.user.DisplayName ?? "", cell: (member) => member.user.DisplayName ?? "–" },
                ]}
                empty={{ title: t.membersEmpty, text: t.membersEmptyText }}
                actions={
                    <SpaceBetween direction="horizontal" size="xs">
                        <Button disabled={selected.length === 0} onClick={() => void remove()}>
                            {t.removeMembers}
                        </Button>
                        <Button onClick={() => setAdding(true)}>{t.addMembers}</Button>
                    </SpaceBetween>
                }
            />
            {adding && (
                <FormDialog title={t.addMembers} submit={t.addMembers} canSubmit={chosen.length > 0} onSubmit={add} onClose={() => setAdding(false)}>
                    <FormField label={t.users}>
                        <UserChoice from={users} without={inside} chosen={chosen} onChoose={setChosen} />
                    </FormField>
                </FormDialog>
            )}
        </>
    );
}

function GroupView({ api, id }: { api: IdentityApi; id: string }): ReactNode {
    const { identity: t, common } = useTexts();
    const group = useLoad(() => api.group(id), [api, id]);
    const [open, setOpen] = useState<"edit" | "delete">();
    return (
        <Page
            title={group.data?.DisplayName ?? id}
            description={group.data?.Description}
            actions={
                group.data && (
                    <SpaceBetween direction="horizontal" size="xs">
                        <Button onClick={() => setOpen("edit")}>{common.edit}</Button>
                        <Button onClick={() => setOpen("delete")}>{t.deleteGroup}</Button>
                    </SpaceBetween>
                )
            }
        >
            <Awaiting loaded={group}>
                {(shown) => (
                    <SpaceBetween size="l">
                        <Facts
                            title={t.general}
                            facts={[
                                [t.groupName, shown.DisplayName ?? "–"],
                                [common.description, shown.Description || "–"],
                                [common.id, <Copyable text={shown.GroupId} />],
                            ]}
                        />
                        <Tabs
                            ariaLabel={t.general}
                            tabs={[
                                { id: "members", label: t.members, content: <Members api={api} group={shown} /> },
                                { id: "accounts", label: t.accountsOfPerson, content: <AssignmentsOf api={api} type="GROUP" id={id} /> },
                            ]}
                        />
                        {open === "edit" && <GroupDialog api={api} group={shown} onClose={() => setOpen(undefined)} onDone={() => void group.reload()} />}
                        {open === "delete" && (
                            <ConfirmDialog
                                title={t.deleteGroup}
                                text={fill(t.deleteGroupText, shown.DisplayName ?? id)}
                                word={shown.DisplayName}
                                submit={common.delete}
                                onClose={() => setOpen(undefined)}
                                onSubmit={async () => {
                                    await api.store("DeleteGroup", { GroupId: id });
                                    notify("success", fill(t.groupDeleted, shown.DisplayName ?? id));
                                    navigate("/identity-center/groups");
                                }}
                            />
                        )}
                    </SpaceBetween>
                )}
            </Awaiting>
        </Page>
    );
}

export function GroupPage({ id = "" }: { id?: string }): ReactNode {
    const t = useTexts().identity;
    return <WithCenter title={t.groups}>{(api) => <GroupView api={api} id={id} />}</WithCenter>;
}
