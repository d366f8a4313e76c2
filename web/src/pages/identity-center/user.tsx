import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Tabs from "@cloudscape-design/components/tabs";
import { useState, type ReactNode } from "react";
import type { Group, IdentityApi, Membership, MfaDevice, SignIn, SignInSession, User } from "../../api/identity";
import { GroupChoice, type Chosen } from "../../parts/choice";
import { ConfirmDialog, FormDialog } from "../../parts/dialog";
import { notify } from "../../parts/flash";
import { formatDate } from "../../parts/format";
import { useLoad, usePages } from "../../parts/load";
import { Awaiting, Copyable, Facts, Page } from "../../parts/page";
import { ResourceTable } from "../../parts/table";
import { href, navigate } from "../../router";
import { fill, useTexts } from "../../texts";
import { AssignmentsOf } from "./assignments_of";
import { WithCenter } from "./center";
import { userStatus } from "./users";

type Open = "delete" | "disable" | "reset" | "edit" | undefined;

function ResetPassword({ api, user, onClose }: { api: IdentityApi; user: User; onClose: () => void }): ReactNode {
    const { identity: t, common } = useTexts();
    const [mode, setMode] = useState("EMAIL");
    const [password, setPassword] = useState("");
    if (password) {
        return (
            <FormDialog title={t.oneTimePassword} submit={common.close} onSubmit={async () => undefined} onClose={onClose}>
                <Box>{fill(t.oneTimePasswordText, user.UserName)}</Box>
                <Copyable text={password} />
            </FormDialog>
        );
    }
    const reset = async (): Promise<unknown> => {
        const answer = await api.person<{ OneTimePassword?: string }>("ResetPassword", user.UserId, { Mode: mode });
        if (answer.OneTimePassword) {
            setPassword(answer.OneTimePassword);
            return "stay";
        }
        notify("success", fill(t.resetSent, user.Emails?.[0]?.Value ?? user.UserName));
        return undefined;
    };
    return (
        <FormDialog title={t.resetPassword} submit={t.resetPassword} onSubmit={reset} onClose={onClose}>
            <FormField label={t.password}>
                <RadioGroup
                    value={mode}
                    onChange={({ detail }) => setMode(detail.value)}
                    items={[
                        { value: "EMAIL", label: t.resetMail },
                        { value: "ONE_TIME_PASSWORD", label: t.resetOnce },
                    ]}
                />
            </FormField>
        </FormDialog>
    );
}

function EditProfile({ api, user, onClose, onDone }: { api: IdentityApi; user: User; onClose: () => void; onDone: () => void }): ReactNode {
    const { identity: t, identityMore: more, common } = useTexts();
    const [display, setDisplay] = useState(user.DisplayName ?? "");
    const [first, setFirst] = useState(user.Name?.GivenName ?? "");
    const [last, setLast] = useState(user.Name?.FamilyName ?? "");
    const [email, setEmail] = useState(user.Emails?.[0]?.Value ?? "");
    const save = async (): Promise<void> => {
        const changes = [
            { AttributePath: "displayName", AttributeValue: display },
            { AttributePath: "name", AttributeValue: { ...user.Name, GivenName: first, FamilyName: last } },
        ];
        if (email !== user.Emails?.[0]?.Value) {
            changes.push({ AttributePath: "emails", AttributeValue: [{ Value: email, Type: "work", Primary: true }] as never });
        }
        await api.store("UpdateUser", { UserId: user.UserId, Operations: changes });
        notify("success", more.settingsSaved);
        onDone();
    };
    const field = (label: string, value: string, set: (value: string) => void): ReactNode => (
        <FormField label={label}>
            <Input value={value} onChange={({ detail }) => set(detail.value)} autoComplete={false} />
        </FormField>
    );
    return (
        <FormDialog title={t.profile} submit={common.save} onSubmit={save} onClose={onClose} canSubmit={[display, first, last, email].every(Boolean)}>
            {field(t.firstName, first, setFirst)}
            {field(t.lastName, last, setLast)}
            {field(t.displayName, display, setDisplay)}
            {field(common.email, email, setEmail)}
        </FormDialog>
    );
}

function GroupsOfUser({ api, user }: { api: IdentityApi; user: User }): ReactNode {
    const { identity: t, common } = useTexts();
    const [selected, setSelected] = useState<(Membership & { group: Group })[]>([]);
    const [adding, setAdding] = useState(false);
    const [chosen, setChosen] = useState<Chosen>([]);
    const memberships = useLoad(async () => {
        const found = await api.groupsOf(user.UserId);
        return Promise.all(found.map(async (membership) => ({ ...membership, group: await api.group(membership.GroupId) })));
    }, [api]);
    const groups = usePages((next) => api.groups(next), [api], api.groupSearch);
    const held = new Set(memberships.data?.map((membership) => membership.GroupId));
    return (
        <>
            <ResourceTable
                title={t.groupsOfUser}
                loaded={memberships}
                keyOf={(membership) => membership.MembershipId}
                nameOf={(membership) => membership.group.DisplayName ?? ""}
                selection="multi"
                selected={selected}
                onSelect={setSelected}
                columns={[
                    {
                        id: "name",
                        header: t.groupName,
                        isName: true,
                        text: (membership) => membership.group.DisplayName ?? "",
                        cell: (membership) => <Link href={href(`/identity-center/groups/${membership.GroupId}`)}>{membership.group.DisplayName}</Link>,
                    },
                    { id: "description", header: common.description, cell: (membership) => membership.group.Description ?? "–" },
                ]}
                empty={{ title: t.groupsOfUserEmpty, text: t.groupsOfUserEmptyText }}
                actions={
                    <SpaceBetween direction="horizontal" size="xs">
                        <Button
                            disabled={selected.length === 0}
                            onClick={() =>
                                void (async () => {
                                    for (const membership of selected) await api.store("DeleteGroupMembership", { MembershipId: membership.MembershipId });
                                    setSelected([]);
                                    await memberships.reload();
                                })()
                            }
                        >
                            {t.removeMembers}
                        </Button>
                        <Button onClick={() => setAdding(true)}>{t.addToGroups}</Button>
                    </SpaceBetween>
                }
            />
            {adding && (
                <FormDialog
                    title={t.addToGroups}
                    submit={t.addToGroups}
                    canSubmit={chosen.length > 0}
                    onClose={() => setAdding(false)}
                    onSubmit={async () => {
                        for (const group of chosen) await api.addMember(group.value!, user.UserId);
                        setChosen([]);
                        await memberships.reload();
                    }}
                >
                    <FormField label={t.groups}>
                        <GroupChoice from={groups} without={held} chosen={chosen} onChoose={setChosen} />
                    </FormField>
                </FormDialog>
            )}
        </>
    );
}

function Devices({ api, user }: { api: IdentityApi; user: User }): ReactNode {
    const { identity: t, common } = useTexts();
    const [selected, setSelected] = useState<MfaDevice[]>([]);
    const [removing, setRemoving] = useState(false);
    const devices = useLoad(async () => (await api.person<{ MfaDevices: MfaDevice[] }>("ListMfaDevices", user.UserId)).MfaDevices, [api]);
    const device = selected[0];
    return (
        <>
            <ResourceTable
                title={t.mfaDevices}
                loaded={devices}
                keyOf={(item) => item.DeviceId}
                nameOf={(item) => item.DisplayName}
                selection="single"
                selected={selected}
                onSelect={setSelected}
                columns={[
                    { id: "name", header: common.name, isName: true, text: (item) => item.DisplayName, cell: (item) => item.DisplayName },
                    { id: "type", header: common.type, cell: (item) => (item.Type === "SECURITY_KEY" ? t.securityKey : t.app) },
                    { id: "registered", header: t.registered, cell: (item) => formatDate(item.RegisteredDate) },
                    { id: "used", header: t.lastUsed, cell: (item) => formatDate(item.LastUsedDate) },
                ]}
                empty={{ title: t.mfaEmpty, text: t.mfaEmptyText }}
                actions={
                    <Button disabled={!device} onClick={() => setRemoving(true)}>
                        {common.remove}
                    </Button>
                }
            />
            {removing && device && (
                <ConfirmDialog
                    title={t.removeDevice}
                    text={fill(t.removeDeviceText, device.DisplayName)}
                    submit={common.remove}
                    onClose={() => setRemoving(false)}
                    onSubmit={async () => {
                        await api.person("DeleteMfaDevice", user.UserId, { DeviceId: device.DeviceId });
                        setSelected([]);
                        await devices.reload();
                    }}
                />
            )}
        </>
    );
}

function Sessions({ api, user }: { api: IdentityApi; user: User }): ReactNode {
    const { identity: t } = useTexts();
    const [selected, setSelected] = useState<SignInSession[]>([]);
    const sessions = useLoad(async () => (await api.person<{ Sessions: SignInSession[] }>("ListSessions", user.UserId)).Sessions, [api]);
    const end = async (): Promise<void> => {
        for (const session of selected) await api.person("EndSession", user.UserId, { SessionId: session.SessionId });
        notify("success", t.sessionDeleted);
        setSelected([]);
        await sessions.reload();
    };
    return (
        <ResourceTable
            title={t.activeSessions}
            loaded={sessions}
            keyOf={(session) => session.SessionId}
            selection="multi"
            selected={selected}
            onSelect={setSelected}
            columns={[
                { id: "started", header: t.started, isName: true, cell: (session) => formatDate(session.CreatedDate) },
                { id: "expires", header: t.expires, cell: (session) => formatDate(session.ExpiresDate) },
                { id: "address", header: t.address, cell: (session) => session.SourceAddress ?? "–" },
                { id: "browser", header: t.browser, cell: (session) => session.UserAgent ?? "–" },
            ]}
            empty={{ title: t.sessionsEmpty, text: t.sessionsEmptyText }}
            actions={
                <Button disabled={selected.length === 0} onClick={() => void end()}>
                    {t.deleteSession}
                </Button>
            }
        />
    );
}

function UserView({ api, id }: { api: IdentityApi; id: string }): ReactNode {
    const { identity: t, common } = useTexts();
    const [open, setOpen] = useState<Open>();
    const user = useLoad(() => api.user(id), [api, id]);
    const signIn = useLoad(() => api.person<SignIn>("DescribeUserSignIn", id), [api, id]);
    const reload = (): void => {
        void user.reload();
        void signIn.reload();
    };
    const disabled = user.data?.UserStatus === "DISABLED" || signIn.data?.Status === "DISABLED";
    const enable = async (shown: User): Promise<void> => {
        await api.person("EnableUser", id);
        notify("success", fill(t.userEnabled, shown.UserName));
        reload();
    };
    const act = (name: string, shown: User): void => {
        if (name === "enable") void enable(shown).catch((reason: Error) => notify("error", reason.message));
        else if (name === "invite") {
            void api
                .person("InviteUser", id)
                .then(() => notify("success", fill(t.invitationSent, shown.Emails?.[0]?.Value ?? shown.UserName)))
                .catch((reason: Error) => notify("error", reason.message));
        } else setOpen(name as Open);
    };
    const sign = signIn.data;
    return (
        <Page
            title={user.data?.UserName ?? id}
            description={user.data?.DisplayName}
            actions={
                user.data && (
                    <SpaceBetween direction="horizontal" size="xs">
                        {disabled ? (
                            <Button onClick={() => act("enable", user.data!)}>{t.enableUser}</Button>
                        ) : (
                            <Button onClick={() => setOpen("disable")}>{t.disableUser}</Button>
                        )}
                        <ButtonDropdown
                            items={[
                                { id: "reset", text: t.resetPassword },
                                { id: "invite", text: t.sendInvitation },
                                { id: "edit", text: common.edit },
                                { id: "delete", text: t.deleteUser },
                            ]}
                            onItemClick={({ detail }) => act(detail.id, user.data!)}
                        >
                            {common.actions}
                        </ButtonDropdown>
                    </SpaceBetween>
                )
            }
        >
            <Awaiting loaded={user}>
                {(shown) => (
                    <SpaceBetween size="l">
                        {sign?.LockedUntilDate && sign.LockedUntilDate * 1000 > Date.now() && (
                            <Alert type="warning">{fill(t.lockedUntil, formatDate(sign.LockedUntilDate))}</Alert>
                        )}
                        <Facts
                            title={t.general}
                            columns={4}
                            facts={[
                                [common.status, userStatus({ ...shown, UserStatus: disabled ? "DISABLED" : "ENABLED" }, common)],
                                [t.firstName, shown.Name?.GivenName ?? "–"],
                                [t.lastName, shown.Name?.FamilyName ?? "–"],
                                [
                                    common.email,
                                    <>
                                        {shown.Emails?.[0]?.Value ?? "–"}
                                        {sign && <Box color="text-body-secondary">{sign.EmailVerified ? t.verified : t.notVerified}</Box>}
                                    </>,
                                ],
                                [
                                    t.passwordSet,
                                    sign ? (
                                        <StatusIndicator type={sign.PasswordSet ? "success" : "pending"}>
                                            {sign.PasswordSet ? t.passwordIsSet : t.passwordNotSet}
                                        </StatusIndicator>
                                    ) : (
                                        "–"
                                    ),
                                ],
                                [t.invited, formatDate(sign?.InvitedDate)],
                                [t.lastSignIn, formatDate(sign?.LastSignInDate)],
                                [common.id, <Copyable text={shown.UserId} />],
                            ]}
                        />
                        <Tabs
                            ariaLabel={t.general}
                            tabs={[
                                { id: "groups", label: t.groupsOfUser, content: <GroupsOfUser api={api} user={shown} /> },
                                { id: "accounts", label: t.accountsOfPerson, content: <AssignmentsOf api={api} type="USER" id={id} /> },
                                { id: "devices", label: t.mfaDevices, content: <Devices api={api} user={shown} /> },
                                { id: "sessions", label: t.activeSessions, content: <Sessions api={api} user={shown} /> },
                            ]}
                        />
                        {open === "disable" && (
                            <ConfirmDialog
                                title={t.disableUser}
                                text={fill(t.disableUserText, shown.UserName)}
                                submit={t.disableUser}
                                onClose={() => setOpen(undefined)}
                                onSubmit={async () => {
                                    await api.person("DisableUser", id);
                                    notify("success", fill(t.userDisabled, shown.UserName));
                                    reload();
                                }}
                            />
                        )}
                        {open === "delete" && (
                            <ConfirmDialog
                                title={t.deleteUser}
                                text={fill(t.deleteUsersText, shown.UserName)}
                                word={shown.UserName}
                                submit={common.delete}
                                onClose={() => setOpen(undefined)}
                                onSubmit={async () => {
                                    await api.store("DeleteUser", { UserId: id });
                                    notify("success", fill(t.userDeleted, shown.UserName));
                                    navigate("/identity-center/users");
                                }}
                            />
                        )}
                        {open === "reset" && <ResetPassword api={api} user={shown} onClose={() => setOpen(undefined)} />}
                        {open === "edit" && <EditProfile api={api} user={shown} onClose={() => setOpen(undefined)} onDone={reload} />}
                    </SpaceBetween>
                )}
            </Awaiting>
        </Page>
    );
}

export function UserPage({ id = "" }: { id?: string }): ReactNode {
    const t = useTexts().identity;
    return <WithCenter title={t.users}>{(api) => <UserView api={api} id={id} />}</WithCenter>;
}
