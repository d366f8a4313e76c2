import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import { useMemo, type ReactNode } from "react";
import { IdentityApi, sekisho, type Center, type MfaSettings } from "../../api/identity";
import { asAwsError } from "../../aws/error";
import { ErrorBox } from "../../parts/errors";
import { notify } from "../../parts/flash";
import { useAction, useLoad } from "../../parts/load";
import { Awaiting, Copyable, Facts, Page } from "../../parts/page";
import { href } from "../../router";
import { settings } from "../../settings";
import { useStore } from "../../store";
import { useTexts } from "../../texts";
import { useCenter } from "./center";

function Enable({ onEnabled }: { onEnabled: () => void }): ReactNode {
    const { identity: t, common } = useTexts();
    const { region } = useStore(settings);
    const action = useAction();
    const enable = async (): Promise<void> => {
        if (!(await action.run(() => sekisho("EnableIdentityCenter", { Region: region })))) return;
        notify("success", t.enabledDone);
        onEnabled();
    };
    const needsOrganization = action.error && /organization/i.test(action.error.message);
    return (
        <SpaceBetween size="l">
            <div className="hero">
                <h1>{t.title}</h1>
                <p>{t.about}</p>
            </div>
            <Container header={<Header variant="h2">{t.enableTitle}</Header>}>
                <SpaceBetween size="m">
                    <Box variant="p">{t.enableText}</Box>
                    <Box color="text-body-secondary">
                        {common.region}: {region}
                    </Box>
                    <Button variant="primary" loading={action.busy} onClick={() => void enable()}>
                        {t.enable}
                    </Button>
                    <ErrorBox error={action.error} />
                    {needsOrganization && (
                        <Box variant="p">
                            {t.organizationFirst} <Link href={href("/organization")}>{t.organizationFirstAction}</Link>
                        </Box>
                    )}
                </SpaceBetween>
            </Container>
        </SpaceBetween>
    );
}

interface Progress {
    mfa: boolean;
    sets: boolean;
    people: boolean;
    assigned: boolean;
}

// What cannot be read counts as not done: the step's page says why.
async function readProgress(api: IdentityApi): Promise<Progress> {
    const quiet = async <T,>(work: Promise<T>): Promise<T | undefined> => work.catch((reason: unknown) => (asAwsError(reason), undefined));
    const [mfa, sets, users] = await Promise.all([
        quiet(sekisho<{ Settings: MfaSettings }>("GetMfaSettings", { InstanceArn: api.center.InstanceArn })),
        quiet(api.permissionSetArns()),
        quiet(api.users()),
    ]);
    let assigned = false;
    for (const arn of sets?.items.slice(0, 20) ?? []) {
        assigned ||= ((await quiet(api.accountsOfPermissionSet(arn)))?.length ?? 0) > 0;
        if (assigned) break;
    }
    return {
        mfa: mfa?.Settings.PromptMode === "ALWAYS_ON",
        sets: (sets?.items.length ?? 0) > 0,
        people: (users?.items.length ?? 0) > 0,
        assigned,
    };
}

function SetUp({ center }: { center: Center }): ReactNode {
    const { identity: t, common } = useTexts();
    const api = useMemo(() => new IdentityApi(center), [center]);
    const progress = useLoad(() => readProgress(api), [api]);
    const done = progress.data;
    const steps: [title: string, text: string, path: string, isDone: boolean | undefined][] = [
        [t.stepSource, t.stepSourceText, "/identity-center/settings", true],
        [t.stepMfa, t.stepMfaText, "/identity-center/settings", done?.mfa],
        [t.stepSets, t.stepSetsText, "/identity-center/permission-sets", done?.sets],
        [t.stepPeople, t.stepPeopleText, "/identity-center/users", done?.people],
        [t.stepAssign, t.stepAssignText, "/identity-center/accounts", done?.assigned],
    ];
    return (
        <SpaceBetween size="l">
            <Container header={<Header variant="h2">{t.setUpTitle}</Header>}>
                <SpaceBetween size="l">
                    {steps.map(([title, text, path, isDone], index) => (
                        <ColumnLayout key={title} columns={2} variant="default">
                            <div>
                                <Link href={href(path)} fontSize="heading-m" variant="primary">
                                    {`${index + 1}. ${title}`}
                                </Link>
                                <Box color="text-body-secondary">{text}</Box>
                            </div>
                            <StatusIndicator type={isDone === undefined ? "loading" : isDone ? "success" : "pending"}>
                                {isDone === undefined ? common.loading : isDone ? t.stepDone : t.stepOpen}
                            </StatusIndicator>
                        </ColumnLayout>
                    ))}
                </SpaceBetween>
            </Container>
            <Facts
                title={t.settingsSummary}
                columns={2}
                actions={<Button href={href("/identity-center/settings")}>{common.settings}</Button>}
                facts={[
                    [t.portalUrl, <Copyable text={center.PortalUrl} />],
                    [t.identitySource, t.identitySourceValue],
                    [common.region, center.Region ?? common.unknown],
                    [t.storeId, <Copyable text={center.IdentityStoreId} />],
                    [t.instanceArn, <Copyable text={center.InstanceArn} />],
                    [t.organizationOwner, center.OwnerAccountId ?? common.unknown],
                ]}
            />
        </SpaceBetween>
    );
}

export function Dashboard(): ReactNode {
    const t = useTexts().identity;
    const center = useCenter();
    if (center.data === null) return <Enable onEnabled={() => void center.reload()} />;
    return (
        <Page title={t.title} description={t.about}>
            <Awaiting loaded={center}>{(data) => data && <SetUp center={data} />}</Awaiting>
        </Page>
    );
}
