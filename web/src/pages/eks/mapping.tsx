// The aws-auth mapping: who is whom in the cluster, and changes of single entries.
import Alert from "@cloudscape-design/components/alert";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo, useState, type ReactNode } from "react";
import { isSamePrincipal, MappingApi, type Mapping as MappingFacts, type MappingEntry } from "../../api/eks";
import { iamApi } from "../../api/iam";
import { ConfirmDialog, FormDialog } from "../../parts/dialog";
import { notify } from "../../parts/flash";
import { formatDate } from "../../parts/format";
import { everyPage, useLoad } from "../../parts/load";
import { Copyable } from "../../parts/page";
import { ResourceTable } from "../../parts/table";
import { session } from "../../session";
import { fill, useTexts, type Texts } from "../../texts";

const masters = "system:masters";
const words = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

// Whether a change of the entry is one of the access that this page itself works with.
function isOwn(arn: string): boolean {
    const who = session.who.get();
    if (who.kind === "keys") return isSamePrincipal(who.arn, arn);
    return who.kind === "role" && arn.includes(`:${who.role.accountId}:role/`) && arn.includes(`AWSReservedSSO_${who.role.roleName}_`);
}

function nameOf(entry: MappingEntry, t: Texts["eks"]): string {
    if (entry.Kind === "PERMISSION_SET") return fill(t.mapPermissionSetOf, entry.PermissionSetName ?? "", entry.AccountId ?? "");
    return entry.PrincipalArn ?? entry.AccountId ?? "";
}

function Warnings({ entry }: { entry: MappingEntry }): ReactNode {
    const { eks: t, common } = useTexts();
    const warnings = [
        isOwn(entry.PrincipalArn ?? "") && t.warnOwn,
        entry.Groups?.includes("system:nodes") && t.warnNodes,
        entry.Groups?.includes(masters) && t.warnMasters,
    ].filter((text): text is string => Boolean(text));
    return warnings.map((text) => (
        <Alert key={text} type="warning" statusIconAriaLabel={common.warning}>
            {text}
        </Alert>
    ));
}

function EditMapping({ api, entry, onClose, onDone }: { api: MappingApi; entry?: MappingEntry; onClose: () => void; onDone: () => void }): ReactNode {
    const { eks: t, common } = useTexts();
    const [arn, setArn] = useState(entry?.PrincipalArn ?? "");
    const [username, setUsername] = useState(entry?.Username ?? "");
    const [groups, setGroups] = useState((entry?.Groups ?? []).join(" "));
    const named = words(groups);
    const isMaster = named.includes(masters);
    // Help, and nothing more: who may not list them types the ARN.
    const known = useLoad(async () => {
        const [roles, users] = await Promise.all([everyPage(iamApi.roles), everyPage(iamApi.users)]);
        return [
            { label: t.mapRoles, options: roles.map((role) => ({ value: role.Arn })) },
            { label: t.mapUsers, options: users.map((user) => ({ value: user.Arn })) },
        ];
    });
    const save = async (): Promise<void> => {
        await api.put(arn, username, named);
        notify("success", fill(t.mappingSaved, arn));
        onDone();
    };
    const isRight = /^arn:[^:]+:iam::\d{12}:(role|user)\/.+/.test(arn) && username.trim() !== "";
    return (
        <FormDialog title={entry ? t.editMapping : t.addMapping} submit={entry ? common.save : t.addMapping} size="large" canSubmit={isRight} onSubmit={save} onClose={onClose}>
            <FormField label={t.mappingPrincipal} description={t.mappingPrincipalHint}>
                {entry ? (
                    <Input value={arn} readOnly />
                ) : (
                    <Autosuggest
                        value={arn}
                        options={known.data ?? []}
                        statusType={known.loading ? "loading" : "finished"}
                        loadingText={common.loading}
                        enteredTextLabel={(text) => text}
                        placeholder="arn:aws:iam::111122223333:role/..."
                        empty={common.noMatch}
                        onChange={({ detail }) => setArn(detail.value)}
                    />
                )}
            </FormField>
            <FormField label={t.mappingUsername} description={t.mappingUsernameHint}>
                <Input value={username} autoComplete={false} spellcheck={false} onChange={({ detail }) => setUsername(detail.value)} />
            </FormField>
            <FormField label={t.mappingGroups} description={t.mappingGroupsHint}>
                <Input value={groups} autoComplete={false} spellcheck={false} onChange={({ detail }) => setGroups(detail.value)} />
            </FormField>
            <Checkbox
                checked={isMaster}
                onChange={({ detail }) => setGroups((detail.checked ? [...named, masters] : named.filter((group) => group !== masters)).join(" "))}
            >
                {t.mappingAdministrator}
            </Checkbox>
            {entry && isOwn(arn) && (
                <Alert type="warning" statusIconAriaLabel={common.warning}>
                    {t.warnOwn}
                </Alert>
            )}
        </FormDialog>
    );
}

function Written({ cluster, mapping }: { cluster: string; mapping: MappingFacts }): ReactNode {
    const { eks: t } = useTexts();
    const parts = [
        [t.mapRoles, mapping.MapRoles],
        [t.mapUsers, mapping.MapUsers],
        [t.mapAccounts, mapping.MapAccounts],
    ].filter((part): part is [string, string] => Boolean(part[1]));
    const commands = [
        "kubectl get configmap -n kube-system aws-auth -o yaml",
        `eksctl create iamidentitymapping --cluster ${cluster} --arn ROLE_ARN --username cluster-admin --group system:masters`,
    ];
    return (
        <ExpandableSection headerText={t.mapWritten} variant="footer">
            <SpaceBetween size="s">
                {mapping.ReadDate !== undefined && <Box color="text-body-secondary">{fill(t.mapRead, formatDate(mapping.ReadDate))}</Box>}
                {parts.map(([title, text]) => (
                    <div key={title}>
                        <Box variant="awsui-key-label">{title}</Box>
                        <pre className="document" tabIndex={0}>
                            {text}
                        </pre>
                    </div>
                ))}
                <Box>{t.mapCommand}</Box>
                {commands.map((command) => (
                    <Box key={command} variant="code">
                        <Copyable text={command} />
                    </Box>
                ))}
            </SpaceBetween>
        </ExpandableSection>
    );
}

export function Mapping({ cluster }: { cluster: string }): ReactNode {
    const { eks: t, common } = useTexts();
    const api = useMemo(() => new MappingApi(cluster), [cluster]);
    const mapping = useLoad(() => api.describe(), [api]);
    const [selected, setSelected] = useState<MappingEntry[]>([]);
    const [open, setOpen] = useState<"add" | "edit" | "remove">();
    const entry = selected[0];
    const close = (): void => setOpen(undefined);
    const done = (): void => {
        setSelected([]);
        void mapping.reload();
    };
    const kinds = { ROLE: t.mapRole, USER: t.mapUser, ACCOUNT: t.mapAccount, PERMISSION_SET: t.mapPermissionSet };
    return (
        <SpaceBetween size="m">
            {mapping.data?.Stale && (
                <Alert type="warning" statusIconAriaLabel={common.warning}>
                    {t.mapStale}
                </Alert>
            )}
            {Boolean(mapping.data?.Problems?.length) && (
                <Alert type="warning" statusIconAriaLabel={common.warning} header={t.mapProblems}>
                    {mapping.data?.Problems?.map((problem) => <div key={problem} lang="en">{problem}</div>)}
                </Alert>
            )}
            <ResourceTable<MappingEntry>
                title={t.mapTitle}
                description={t.mapText}
                loaded={{ ...mapping, data: mapping.data && (mapping.data.Entries ?? []) }}
                keyOf={(item) => `${item.Kind} ${nameOf(item, t)}`}
                nameOf={(item) => nameOf(item, t)}
                selection="single"
                selected={selected}
                onSelect={setSelected}
                isDisabled={(item) => item.Kind === "ACCOUNT" || item.Kind === "PERMISSION_SET"}
                columns={[
                    { id: "principal", header: t.mappingPrincipal, isName: true, text: (item) => nameOf(item, t), cell: (item) => nameOf(item, t) },
                    { id: "kind", header: common.type, text: (item) => kinds[item.Kind], cell: (item) => kinds[item.Kind] },
                    { id: "username", header: t.mappingUsername, text: (item) => item.Username ?? "", cell: (item) => item.Username || "–" },
                    { id: "groups", header: t.mappingGroups, text: (item) => (item.Groups ?? []).join(" "), cell: (item) => item.Groups?.join(", ") || "–" },
                ]}
                empty={{ title: t.mapEmpty, text: t.mapEmptyText, action: <Button onClick={() => setOpen("add")}>{t.addMapping}</Button> }}
                actions={
                    <SpaceBetween direction="horizontal" size="xs">
                        <Button disabled={!entry} onClick={() => setOpen("remove")}>
                            {common.remove}
                        </Button>
                        <Button disabled={!entry} onClick={() => setOpen("edit")}>
                            {common.edit}
                        </Button>
                        <Button onClick={() => setOpen("add")}>{t.addMapping}</Button>
                    </SpaceBetween>
                }
            />
            {mapping.data && <Written cluster={cluster} mapping={mapping.data} />}
            {open === "add" && <EditMapping api={api} onClose={close} onDone={done} />}
            {entry && open === "edit" && <EditMapping api={api} entry={entry} onClose={close} onDone={done} />}
            {entry && open === "remove" && (
                <ConfirmDialog
                    title={t.removeMapping}
                    text={
                        <SpaceBetween size="s">
                            <Box>{fill(t.removeMappingText, nameOf(entry, t))}</Box>
                            <Warnings entry={entry} />
                        </SpaceBetween>
                    }
                    submit={common.remove}
                    onClose={close}
                    onSubmit={async () => {
                        await api.remove(entry.PrincipalArn!);
                        notify("success", fill(t.mappingRemoved, entry.PrincipalArn!));
                        done();
                    }}
                />
            )}
        </SpaceBetween>
    );
}
