import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useEffect, useState, type ReactNode } from "react";
import { sekisho, type AttributeMapping, type IdentityApi, type MfaSettings } from "../../api/identity";
import { asAwsError } from "../../aws/error";
import { FormDialog } from "../../parts/dialog";
import { ErrorBox } from "../../parts/errors";
import { notify } from "../../parts/flash";
import { formatDate, formatMinutes } from "../../parts/format";
import { useAction, useLoad } from "../../parts/load";
import { Awaiting, Copyable, Facts, Page } from "../../parts/page";
import { fill, useTexts, type Texts } from "../../texts";
import { WithCenter } from "./center";

type Words = Texts["identityMore"];

const promptModes = (t: Words): [MfaSettings["PromptMode"], string][] => [
    ["ALWAYS_ON", t.alwaysOn],
    ["CONTEXT_AWARE", t.contextAware],
    ["NEVER", t.never],
];
const withoutDevice = (t: Words): [MfaSettings["WhenNoDevice"], string][] => [
    ["REQUIRE_REGISTRATION", t.requireRegistration],
    ["REQUIRE_EMAIL_OTP", t.requireEmail],
    ["BLOCK", t.block],
    ["ALLOW", t.allow],
];
const types = (t: Words): [MfaSettings["Types"][number], string][] => [
    ["SECURITY_KEY", t.keys],
    ["AUTHENTICATOR_APP", t.apps],
];
const named = (choices: [string, string][], value: string): string => choices.find(([id]) => id === value)?.[1] ?? value;

function ConfigureMfa({ api, current, onClose, onDone }: { api: IdentityApi; current: MfaSettings; onClose: () => void; onDone: () => void }): ReactNode {
    const { identityMore: t, common } = useTexts();
    const [draft, setDraft] = useState(current);
    const toggle = (type: MfaSettings["Types"][number], on: boolean): void =>
        setDraft({ ...draft, Types: on ? [...draft.Types, type] : draft.Types.filter((other) => other !== type) });
    const save = async (): Promise<void> => {
        await sekisho("UpdateMfaSettings", { InstanceArn: api.center.InstanceArn, ...draft });
        notify("success", t.mfaSaved);
        onDone();
    };
    return (
        <FormDialog title={t.configureMfa} submit={common.save} onSubmit={save} onClose={onClose} canSubmit={draft.Types.length > 0} size="large">
            <FormField label={t.promptUsers}>
                <RadioGroup
                    value={draft.PromptMode}
                    items={promptModes(t).map(([value, label]) => ({ value, label }))}
                    onChange={({ detail }) => setDraft({ ...draft, PromptMode: detail.value as MfaSettings["PromptMode"] })}
                />
            </FormField>
            <FormField label={t.mfaTypes}>
                <SpaceBetween size="xs">
                    {types(t).map(([type, label]) => (
                        <Checkbox key={type} checked={draft.Types.includes(type)} onChange={({ detail }) => toggle(type, detail.checked)}>
                            {label}
                        </Checkbox>
                    ))}
                </SpaceBetween>
            </FormField>
            <FormField label={t.noDevice}>
                <RadioGroup
                    value={draft.WhenNoDevice}
                    items={withoutDevice(t).map(([value, label]) => ({ value, label }))}
                    onChange={({ detail }) => setDraft({ ...draft, WhenNoDevice: detail.value as MfaSettings["WhenNoDevice"] })}
                />
            </FormField>
            <FormField label={t.whoManages}>
                <Checkbox checked={draft.UsersManageDevices} onChange={({ detail }) => setDraft({ ...draft, UsersManageDevices: detail.checked })}>
                    {t.usersManage}
                </Checkbox>
            </FormField>
        </FormDialog>
    );
}

// What AWS has on or off for a whole instance, and what it has not: names of roles that stay.
function CenterOptions({ api, reload }: { api: IdentityApi; reload: () => void }): ReactNode {
    const { identityMore: t, common } = useTexts();
    const { center } = api;
    const current = { EmailOneTimePasswords: center.EmailOneTimePasswords ?? false, StableRoleNames: center.StableRoleNames ?? false };
    const [draft, setDraft] = useState<typeof current>();
    const yesOrNo = (on: boolean): string => (on ? common.yes : common.no);
    return (
        <>
            <Facts
                title={t.centerOptions}
                columns={2}
                actions={<Button ariaLabel={`${common.configure}: ${t.centerOptions}`} onClick={() => setDraft(current)}>{common.configure}</Button>}
                facts={[
                    [t.emailCodes, yesOrNo(current.EmailOneTimePasswords)],
                    [t.stableNames, yesOrNo(current.StableRoleNames)],
                ]}
            />
            {draft && (
                <FormDialog
                    title={t.centerOptions}
                    submit={common.save}
                    onClose={() => setDraft(undefined)}
                    onSubmit={async () => {
                        await sekisho("UpdateIdentityCenter", { InstanceArn: center.InstanceArn, ...draft });
                        notify("success", t.settingsSaved);
                        reload();
                    }}
                >
                    <Checkbox checked={draft.EmailOneTimePasswords} onChange={({ detail }) => setDraft({ ...draft, EmailOneTimePasswords: detail.checked })}>
                        {t.emailCodes}
                    </Checkbox>
                    <Checkbox checked={draft.StableRoleNames} description={t.stableNamesHint} onChange={({ detail }) => setDraft({ ...draft, StableRoleNames: detail.checked })}>
                        {t.stableNames}
                    </Checkbox>
                </FormDialog>
            )}
        </>
    );
}

function Authentication({ api, reload }: { api: IdentityApi; reload: () => void }): ReactNode {
    const { identityMore: t, common } = useTexts();
    const mfa = useLoad(async () => (await sekisho<{ Settings: MfaSettings }>("GetMfaSettings", { InstanceArn: api.center.InstanceArn })).Settings, [api]);
    const [open, setOpen] = useState<"mfa" | "session">();
    const [minutes, setMinutes] = useState(String(api.center.SessionMinutes ?? 480));
    return (
        <SpaceBetween size="l">
            <Awaiting loaded={mfa}>
                {(current) => (
                    <>
                        <Facts
                            title={t.mfa}
                            columns={2}
                            actions={<Button ariaLabel={t.configureMfa} onClick={() => setOpen("mfa")}>{common.configure}</Button>}
                            facts={[
                                [t.promptUsers, named(promptModes(t), current.PromptMode)],
                                [t.mfaTypes, current.Types.map((type) => named(types(t), type)).join(", ")],
                                [t.noDevice, named(withoutDevice(t), current.WhenNoDevice)],
                                [t.usersManage, current.UsersManageDevices ? common.yes : common.no],
                            ]}
                        />
                        {open === "mfa" && <ConfigureMfa api={api} current={current} onClose={() => setOpen(undefined)} onDone={() => void mfa.reload()} />}
                    </>
                )}
            </Awaiting>
            <Facts
                title={t.sessionSettings}
                columns={1}
                actions={<Button ariaLabel={`${common.configure}: ${t.sessionSettings}`} onClick={() => setOpen("session")}>{common.configure}</Button>}
                facts={[[t.portalSession, formatMinutes(api.center.SessionMinutes ?? 480)]]}
            />
            <CenterOptions api={api} reload={reload} />
            {open === "session" && (
                <FormDialog
                    title={t.sessionSettings}
                    submit={common.save}
                    canSubmit={/^\d+$/.test(minutes) && Number(minutes) >= 15 && Number(minutes) <= 129600}
                    onClose={() => setOpen(undefined)}
                    onSubmit={async () => {
                        await sekisho("UpdateSessionDuration", { InstanceArn: api.center.InstanceArn, SessionMinutes: Number(minutes) });
                        notify("success", t.settingsSaved);
                        reload();
                    }}
                >
                    <FormField label={t.portalSession} description={t.portalSessionHint} constraintText={t.minutes}>
                        <Input type="number" inputMode="numeric" value={minutes} onChange={({ detail }) => setMinutes(detail.value)} />
                    </FormField>
                </FormDialog>
            )}
        </SpaceBetween>
    );
}

function Source({ api, reload }: { api: IdentityApi; reload: () => void }): ReactNode {
    const { identity, identityMore: t, common } = useTexts();
    const { center } = api;
    const [naming, setNaming] = useState(false);
    const [name, setName] = useState("");
    return (
        <>
            <Facts
                title={t.tabSource}
                columns={2}
                actions={!center.HostName && <Button onClick={() => setNaming(true)}>{t.hostName}</Button>}
                facts={[
                    [identity.identitySource, identity.identitySourceValue],
                    [identity.portalUrl, <Copyable text={center.PortalUrl} />],
                    ["SSO start URL", <Copyable text={center.StartUrl ?? center.PortalUrl} />],
                    [common.region, center.Region ?? "–"],
                    [identity.storeId, <Copyable text={center.IdentityStoreId} />],
                    [identity.instanceArn, <Copyable text={center.InstanceArn} />],
                    [identity.organizationOwner, center.OwnerAccountId ?? "–"],
                    [common.created, formatDate(center.CreatedDate)],
                ]}
            />
            {naming && (
                <FormDialog
                    title={t.hostName}
                    submit={common.save}
                    canSubmit={name.length > 0}
                    onClose={() => setNaming(false)}
                    onSubmit={async () => {
                        const answer = await sekisho<{ PortalUrl: string }>("UpdatePortalHostName", { InstanceArn: center.InstanceArn, HostName: name });
                        notify("success", fill(t.hostNameSaved, answer.PortalUrl));
                        reload();
                    }}
                >
                    <FormField label={t.hostNameField} description={t.hostNameText}>
                        <Input value={name} onChange={({ detail }) => setName(detail.value)} spellcheck={false} autoComplete={false} />
                    </FormField>
                </FormDialog>
            )}
        </>
    );
}

interface Row {
    key: string;
    source: string;
}

function Attributes({ api }: { api: IdentityApi }): ReactNode {
    const { identityMore: t, common } = useTexts();
    const [rows, setRows] = useState<Row[]>([]);
    const [known, setKnown] = useState(false); // there is a configuration already
    const action = useAction();
    const loaded = useLoad(async () => {
        try {
            const answer = await api.admin<{ InstanceAccessControlAttributeConfiguration?: { AccessControlAttributes?: AttributeMapping[] } }>(
                "DescribeInstanceAccessControlAttributeConfiguration",
            );
            return answer.InstanceAccessControlAttributeConfiguration?.AccessControlAttributes ?? [];
        } catch (reason) {
            if (asAwsError(reason).isMissing) return null;
            throw reason;
        }
    }, [api]);
    useEffect(() => {
        setKnown(Boolean(loaded.data));
        setRows((loaded.data ?? []).map((attribute) => ({ key: attribute.Key, source: attribute.Value.Source[0] ?? "" })));
    }, [loaded.data]);
    const change = (index: number, part: Partial<Row>): void => setRows(rows.map((row, at) => (at === index ? { ...row, ...part } : row)));
    const save = (): Promise<boolean> =>
        action.run(async () => {
            const configuration = { AccessControlAttributes: rows.map((row) => ({ Key: row.key, Value: { Source: [row.source] } })) };
            await api.admin(`${known ? "Update" : "Create"}InstanceAccessControlAttributeConfiguration`, {
                InstanceAccessControlAttributeConfiguration: configuration,
            });
            notify("success", t.abacSaved);
            await loaded.reload();
        });
    const disable = (): Promise<boolean> =>
        action.run(async () => {
            await api.admin("DeleteInstanceAccessControlAttributeConfiguration");
            notify("success", t.abacOff);
            await loaded.reload();
        });
    return (
        <Container
            header={
                <Header
                    variant="h2"
                    description={t.abacText}
                    actions={
                        known && (
                            <Button loading={action.busy} onClick={() => void disable()}>
                                {t.abacDisable}
                            </Button>
                        )
                    }
                >
                    {t.tabAttributes}
                </Header>
            }
        >
            <SpaceBetween size="m">
                <ErrorBox error={loaded.error} retry={() => void loaded.reload()} />
                <AttributeEditor<Row>
                    items={rows}
                    addButtonText={t.abacAdd}
                    removeButtonText={common.remove}
                    empty={<Box color="text-body-secondary">{t.abacEmpty}</Box>}
                    onAddButtonClick={() => setRows([...rows, { key: "", source: "" }])}
                    onRemoveButtonClick={({ detail }) => setRows(rows.filter((_, index) => index !== detail.itemIndex))}
                    definition={[
                        {
                            label: t.abacKey,
                            control: (row, index) => <Input value={row.key} ariaLabel={t.abacKey} autoComplete={false} onChange={({ detail }) => change(index, { key: detail.value })} />,
                        },
                        {
                            label: t.abacSource,
                            constraintText: t.abacSourceHint,
                            control: (row, index) => (
                                <Input value={row.source} ariaLabel={t.abacSource} autoComplete={false} spellcheck={false} onChange={({ detail }) => change(index, { source: detail.value })} />
                            ),
                        },
                    ]}
                />
                <ErrorBox error={action.error} />
                <Button variant="primary" loading={action.busy} disabled={rows.some((row) => !row.key || !row.source)} onClick={() => void save()}>
                    {common.save}
                </Button>
            </SpaceBetween>
        </Container>
    );
}

export function Settings(): ReactNode {
    const { identityMore: t, common } = useTexts();
    return (
        <WithCenter title={common.settings}>
            {(api, reload) => (
                <Page title={common.settings}>
                    <Tabs
                        ariaLabel={common.settings}
                        tabs={[
                            { id: "source", label: t.tabSource, content: <Source api={api} reload={reload} /> },
                            { id: "authentication", label: t.tabAuthentication, content: <Authentication api={api} reload={reload} /> },
                            { id: "attributes", label: t.tabAttributes, content: <Attributes api={api} /> },
                        ]}
                    />
                </Page>
            )}
        </WithCenter>
    );
}
