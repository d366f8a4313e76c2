// Before there is a role: sign in, or choose one.
import Alert from "@cloudscape-design/components/alert";
import AppLayout from "@cloudscape-design/components/app-layout";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState, type ReactNode } from "react";
import { call } from "../aws/client";
import { ErrorBox } from "../parts/errors";
import { useAction, useLoad } from "../parts/load";
import { Awaiting, Page } from "../parts/page";
import { session, type Person, type PortalAccount } from "../session";
import { fill, useTexts } from "../texts";

async function ownerOfKeys(): Promise<{ accountId: string; arn: string }> {
    const caller = await call<{ Account: string; Arn: string }>("sts", "GetCallerIdentity");
    return { accountId: caller.Account, arn: caller.Arn };
}

function KeysForm(): ReactNode {
    const t = useTexts().common;
    const [id, setId] = useState("");
    const [secret, setSecret] = useState("");
    const [token, setToken] = useState("");
    const action = useAction();
    const open = (): void =>
        void action.run(() =>
            session.useKeys({ accessKeyId: id.trim(), secretAccessKey: secret.trim(), sessionToken: token.trim() || undefined }, ownerOfKeys),
        );
    return (
        <form
            onSubmit={(event) => {
                event.preventDefault();
                open();
            }}
        >
            <SpaceBetween size="m">
                <Box variant="p">{t.keysText}</Box>
                <FormField label={t.accessKeyId}>
                    <Input value={id} onChange={({ detail }) => setId(detail.value)} autoComplete={false} spellcheck={false} />
                </FormField>
                <FormField label={t.secretAccessKey}>
                    <Input type="password" value={secret} onChange={({ detail }) => setSecret(detail.value)} autoComplete={false} />
                </FormField>
                <FormField label={<span>{t.sessionToken} - <i>{t.optional}</i></span>}>
                    <Input type="password" value={token} onChange={({ detail }) => setToken(detail.value)} autoComplete={false} />
                </FormField>
                <ErrorBox error={action.error} />
                <Button variant="normal" formAction="submit" loading={action.busy} disabled={!id || !secret}>
                    {t.useKeys}
                </Button>
            </SpaceBetween>
        </form>
    );
}

function Alone({ children }: { children: ReactNode }): ReactNode {
    return <AppLayout headerSelector="#top" navigationHide toolsHide maxContentWidth={760} content={<div id="content" tabIndex={-1}>{children}</div>} />;
}

export function Welcome(): ReactNode {
    const t = useTexts().common;
    const back = `return_to=${encodeURIComponent(location.pathname)}`;
    return (
        <Alone>
            <Page title={t.welcomeTitle}>
                <Container>
                    <SpaceBetween size="l">
                        <Box variant="p">{t.welcomeText}</Box>
                        <SpaceBetween size="s" direction="horizontal">
                            <Button variant="primary" href={`/signin?${back}`}>
                                {t.welcomePortal}
                            </Button>
                            <Button href={`/signin/iam?${back}`}>{t.welcomeIam}</Button>
                        </SpaceBetween>
                    </SpaceBetween>
                </Container>
                <ExpandableSection variant="container" headerText={t.keysTitle}>
                    <KeysForm />
                </ExpandableSection>
            </Page>
        </Alone>
    );
}

async function allAccounts(): Promise<PortalAccount[]> {
    const accounts: PortalAccount[] = [];
    for await (const page of session.accounts()) accounts.push(...page);
    return accounts;
}

export function ChooseRole({ person }: { person: Person }): ReactNode {
    const t = useTexts().common;
    const accounts = useLoad(allAccounts);
    return (
        <Alone>
            <Page title={t.chooseRoleTitle} description={fill(t.chooseRoleText, person.userName)}>
                <Awaiting loaded={accounts}>
                    {(list) =>
                        list.length === 0 ? (
                            <Alert type="info" header={t.noRolesTitle}>
                                {t.noRolesText}
                            </Alert>
                        ) : (
                            list.map((account) => (
                                <Container
                                    key={account.accountId}
                                    header={
                                        <Header variant="h2" description={[account.accountId, account.emailAddress].filter(Boolean).join(" · ")}>
                                            {account.accountName}
                                        </Header>
                                    }
                                >
                                    <SpaceBetween size="s">
                                        {account.roles.map((role) => (
                                            <div key={role.roleName}>
                                                <Link
                                                    variant="primary"
                                                    fontSize="heading-s"
                                                    onFollow={() =>
                                                        session.choose({
                                                            accountId: account.accountId,
                                                            accountName: account.accountName,
                                                            roleName: role.roleName,
                                                        })
                                                    }
                                                >
                                                    {role.roleName}
                                                </Link>
                                                {role.description && <Box color="text-body-secondary">{role.description}</Box>}
                                            </div>
                                        ))}
                                    </SpaceBetween>
                                </Container>
                            ))
                        )
                    }
                </Awaiting>
            </Page>
        </Alone>
    );
}
