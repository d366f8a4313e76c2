import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState, type ReactNode } from "react";
import type { IdentityApi, User } from "../../api/identity";
import { GroupChoice, type Chosen } from "../../parts/choice";
import { ConfirmDialog } from "../../parts/dialog";
import { ErrorBox } from "../../parts/errors";
import { notify } from "../../parts/flash";
import { useAction, usePages } from "../../parts/load";
import { Copyable, Page } from "../../parts/page";
import { ResourceTable } from "../../parts/table";
import { href, navigate } from "../../router";
import { fill, useTexts } from "../../texts";
import { WithCenter } from "./center";

const addPath = "/identity-center/users/add";

export function userStatus(user: User, common: ReturnType<typeof useTexts>["common"]): ReactNode {
    return user.UserStatus === "DISABLED" ? (
        <StatusIndicator type="stopped">{common.disabled}</StatusIndicator>
    ) : (
        <StatusIndicator type="success">{common.enabled}</StatusIndicator>
    );
}

function UserList({ api }: { api: IdentityApi }): ReactNode {
    const { identity: t, common } = useTexts();
    const users = usePages((next) => api.users(next), [api], api.userSearch);
    const [selected, setSelected] = useState<User[]>([]);
    const [deleting, setDeleting] = useState(false);
    const remove = async (): Promise<void> => {
        for (const user of selected) {
            await api.store("DeleteUser", { UserId: user.UserId });
            notify("success", fill(t.userDeleted, user.UserName));
        }
        setSelected([]);
        await users.reload();
    };
    return (
        <>
            <ResourceTable
                title={t.users}
                loaded={users}
                keyOf={(user) => user.UserId}
                nameOf={(user) => user.UserName}
                selection="multi"
                selected={selected}
                onSelect={setSelected}
                columns={[
                    {
                        id: "name",
                        header: t.username,
                        isName: true,
                        text: (user) => user.UserName,
                        cell: (user) => <Link href={href(`/identity-center/users/${user.UserId}`)}>{user.UserName}</Link>,
                    },
                    { id: "display", header: t.displayName, text: (user) => user.DisplayName ?? "", cell: (user) => user.DisplayName ?? "–" },
                    { id: "email", header: common.email, text: (user) => user.Emails?.[0]?.Value ?? "", cell: (user) => user.Emails?.[0]?.Value ?? "–" },
                    { id: "status", header: common.status, text: (user) => user.UserStatus ?? "", cell: (user) => userStatus(user, common) },
                ]}
                empty={{ title: t.usersEmpty, text: t.usersEmptyText, action: <Button href={href(addPath)}>{t.addUser}</Button> }}
                actions={
                    <SpaceBetween direction="horizontal" size="xs">
                        <Button disabled={selected.length === 0} onClick={() => setDeleting(true)}>
                            {common.delete}
                        </Button>
                        <Button variant="primary" href={href(addPath)}>
                            {t.addUser}
                        </Button>
                    </SpaceBetween>
                }
            />
            {deleting && (
                <ConfirmDialog
                    title={t.deleteUser}
                    text={fill(t.deleteUsersText, selected.map((user) => user.UserName).join(", "))}
                    word={selected.length === 1 ? selected[0]!.UserName : undefined}
                    submit={common.delete}
                    onSubmit={remove}
                    onClose={() => setDeleting(false)}
                />
            )}
        </>
    );
}

export function Users(): ReactNode {
    const t = useTexts().identity;
    return (
        <WithCenter title={t.users}>
            {(api) => (
                <Page title={t.users} description={t.usersText}>
                    <UserList api={api} />
                </Page>
            )}
        </WithCenter>
    );
}

function AddUserForm({ api }: { api: IdentityApi }): ReactNode {
    const { identity: t, common } = useTexts();
    const groups = usePages((next) => api.groups(next), [api], api.groupSearch);
    const [fields, setFields] = useState({ userName: "", email: "", confirm: "", first: "", last: "", display: "" });
    const [displayTouched, setDisplayTouched] = useState(false);
    const [method, setMethod] = useState("mail");
    const [chosen, setChosen] = useState<Chosen>([]);
    const [tried, setTried] = useState(false);
    const [oneTime, setOneTime] = useState<{ password: string; userId: string }>();
    const action = useAction();
    const set = (change: Partial<typeof fields>): void => {
        const next = { ...fields, ...change };
        if (!displayTouched && (change.first !== undefined || change.last !== undefined)) next.display = `${next.first} ${next.last}`.trim();
        setFields(next);
    };
    const missing = (value: string): string => (tried && value.trim() === "" ? common.required : "");
    const differs = fields.email !== fields.confirm;
    const complete = Object.values(fields).every((value) => value.trim() !== "") && !differs;

    const create = async (): Promise<void> => {
        const { UserId } = await api.store<{ UserId: string }>("CreateUser", {
            UserName: fields.userName,
            DisplayName: fields.display,
            Name: { GivenName: fields.first, FamilyName: fields.last },
            Emails: [{ Value: fields.email, Type: "work", Primary: true }],
        });
        for (const group of chosen) await api.addMember(group.value!, UserId);
        if (method === "once") {
            const reset = await api.person<{ OneTimePassword: string }>("ResetPassword", UserId, { Mode: "ONE_TIME_PASSWORD" });
            notify("success", fill(t.userAdded, fields.userName));
            setOneTime({ password: reset.OneTimePassword, userId: UserId });
            return;
        }
        await api.person("InviteUser", UserId);
        notify("success", fill(t.userInvited, fields.userName, fields.email));
        navigate("/identity-center/users");
    };
    if (oneTime) {
        return (
            <Alert type="info" header={t.oneTimePassword} action={<Button href={href(`/identity-center/users/${oneTime.userId}`)}>{common.close}</Button>}>
                <SpaceBetween size="s">
                    <Box>{fill(t.oneTimePasswordText, fields.userName)}</Box>
                    <Copyable text={oneTime.password} />
                </SpaceBetween>
            </Alert>
        );
    }
    const input = (name: keyof typeof fields, label: string, description?: string, error = ""): ReactNode => (
        <FormField label={label} description={description} errorText={error || missing(fields[name])}>
            <Input
                value={fields[name]}
                autoComplete={false}
                spellcheck={false}
                type={name === "email" || name === "confirm" ? "email" : "text"}
                onChange={({ detail }) => {
                    if (name === "display") setDisplayTouched(true);
                    set({ [name]: detail.value });
                }}
            />
        </FormField>
    );
    return (
        <form
            noValidate
            onSubmit={(event) => {
                event.preventDefault();
                setTried(true);
                if (complete) void action.run(create);
            }}
        >
            <Form
                actions={
                    <SpaceBetween direction="horizontal" size="xs">
                        <Button variant="link" formAction="none" href={href("/identity-center/users")}>
                            {common.cancel}
                        </Button>
                        <Button variant="primary" loading={action.busy}>
                            {t.addUser}
                        </Button>
                    </SpaceBetween>
                }
            >
                <SpaceBetween size="l">
                    <Container header={<Header variant="h2">{t.primaryInformation}</Header>}>
                        <SpaceBetween size="l">
                            {input("userName", t.username, t.usernameHint)}
                            <FormField label={t.password}>
                                <RadioGroup
                                    value={method}
                                    onChange={({ detail }) => setMethod(detail.value)}
                                    items={[
                                        { value: "mail", label: t.passwordMail },
                                        { value: "once", label: t.passwordOnce },
                                    ]}
                                />
                            </FormField>
                            {input("email", common.email)}
                            {input("confirm", t.confirmEmail, undefined, tried && differs ? t.emailsDiffer : "")}
                            {input("first", t.firstName)}
                            {input("last", t.lastName)}
                            {input("display", t.displayName)}
                        </SpaceBetween>
                    </Container>
                    <Container
                        header={
                            <Header variant="h2" description={t.addToGroupsText}>
                                {t.addToGroups}
                            </Header>
                        }
                    >
                        <FormField label={t.groups}>
                            <GroupChoice from={groups} chosen={chosen} onChoose={setChosen} />
                        </FormField>
                    </Container>
                    <ErrorBox error={action.error} />
                </SpaceBetween>
            </Form>
        </form>
    );
}

export function AddUser(): ReactNode {
    const t = useTexts().identity;
    return (
        <WithCenter title={t.addUser}>
            {(api) => (
                <Page title={t.addUser}>
                    <AddUserForm api={api} />
                </Page>
            )}
        </WithCenter>
    );
}
