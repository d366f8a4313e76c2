// Access entries and their access policies.
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select, { type SelectProps } from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState, type ReactNode } from "react";
import { eksApi, type AccessEntry, type AssociatedPolicy } from "../../api/eks";
import { ConfirmDialog, FormDialog } from "../../parts/dialog";
import { notify } from "../../parts/flash";
import { useLoad } from "../../parts/load";
import { ResourceTable } from "../../parts/table";
import { fill, useTexts } from "../../texts";

type Entry = AccessEntry & { policies: AssociatedPolicy[] };

const words = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

function CreateEntry({ cluster, onClose, onDone }: { cluster: string; onClose: () => void; onDone: () => void }): ReactNode {
    const { eks: t, common } = useTexts();
    const [principal, setPrincipal] = useState("");
    const [username, setUsername] = useState("");
    const [groups, setGroups] = useState("");
    const create = async (): Promise<void> => {
        await eksApi.call("CreateAccessEntry", {
            clusterName: cluster,
            principalArn: principal,
            username: username || undefined,
            kubernetesGroups: words(groups),
        });
        notify("success", t.entryCreated);
        onDone();
    };
    return (
        <FormDialog title={t.createEntry} submit={t.createEntry} canSubmit={principal.startsWith("arn:")} onSubmit={create} onClose={onClose}>
            <FormField label={t.principal}>
                <Input value={principal} placeholder="arn:aws:iam::111122223333:role/..." onChange={({ detail }) => setPrincipal(detail.value)} autoComplete={false} spellcheck={false} />
            </FormField>
            <FormField label={<span>{t.username} - <i>{common.optional}</i></span>}>
                <Input value={username} onChange={({ detail }) => setUsername(detail.value)} autoComplete={false} spellcheck={false} />
            </FormField>
            <FormField label={<span>{t.kubernetesGroups} - <i>{common.optional}</i></span>} description={t.groupsHint}>
                <Input value={groups} onChange={({ detail }) => setGroups(detail.value)} autoComplete={false} spellcheck={false} />
            </FormField>
        </FormDialog>
    );
}

function AddPolicy({ cluster, entry, onClose, onDone }: { cluster: string; entry: Entry; onClose: () => void; onDone: () => void }): ReactNode {
    const { eks: t } = useTexts();
    const policies = useLoad(eksApi.accessPolicies);
    const [chosen, setChosen] = useState<SelectProps.Option | null>(null);
    const [scope, setScope] = useState("cluster");
    const [namespaces, setNamespaces] = useState("");
    const add = async (): Promise<void> => {
        await eksApi.call("AssociateAccessPolicy", {
            clusterName: cluster,
            principalArn: entry.principalArn,
            policyArn: chosen!.value!,
            accessScope: scope === "cluster" ? { type: "cluster" } : { type: "namespace", namespaces: words(namespaces) },
        });
        notify("success", t.policyAdded);
        onDone();
    };
    return (
        <FormDialog title={t.addPolicy} submit={t.addPolicy} canSubmit={chosen !== null && (scope === "cluster" || words(namespaces).length > 0)} onSubmit={add} onClose={onClose}>
            <FormField label={t.accessPolicy}>
                <Select
                    selectedOption={chosen}
                    placeholder={t.accessPolicy}
                    options={(policies.data ?? []).map((policy) => ({ value: policy.arn, label: policy.name }))}
                    statusType={policies.loading ? "loading" : policies.error ? "error" : "finished"}
                    errorText={policies.error?.message}
                    onChange={({ detail }) => setChosen(detail.selectedOption)}
                />
            </FormField>
            <FormField label={t.scope}>
                <RadioGroup
                    value={scope}
                    onChange={({ detail }) => setScope(detail.value)}
                    items={[
                        { value: "cluster", label: t.scopeCluster },
                        { value: "namespace", label: t.scopeNamespace },
                    ]}
                />
            </FormField>
            {scope === "namespace" && (
                <FormField label={t.namespaces}>
                    <Input value={namespaces} onChange={({ detail }) => setNamespaces(detail.value)} autoComplete={false} spellcheck={false} />
                </FormField>
            )}
        </FormDialog>
    );
}

export function AccessEntries({ cluster }: { cluster: string }): ReactNode {
    const { eks: t, common } = useTexts();
    const entries = useLoad(() => eksApi.accessEntries(cluster), [cluster]);
    const [selected, setSelected] = useState<Entry[]>([]);
    const [open, setOpen] = useState<"create" | "policy" | "delete">();
    const entry = selected[0];
    const done = (): void => {
        setSelected([]);
        void entries.reload();
    };
    const policyText = (policy: AssociatedPolicy): string => {
        const name = policy.policyArn.split("/").pop()!;
        return policy.accessScope?.type === "namespace" ? `${name} (${policy.accessScope.namespaces?.join(", ")})` : name;
    };
    return (
        <>
            <ResourceTable<Entry>
                title={t.entries}
                description={t.entriesText}
                loaded={entries}
                keyOf={(item) => item.principalArn}
                selection="single"
                selected={selected}
                onSelect={setSelected}
                columns={[
                    { id: "principal", header: t.principal, isName: true, text: (item) => item.principalArn, cell: (item) => item.principalArn },
                    { id: "type", header: common.type, cell: (item) => item.type ?? "STANDARD" },
                    { id: "groups", header: t.kubernetesGroups, cell: (item) => item.kubernetesGroups?.join(", ") || "–" },
                    { id: "policies", header: t.accessPolicies, cell: (item) => item.policies.map(policyText).join(", ") || "–" },
                    { id: "username", header: t.username, cell: (item) => item.username ?? "–" },
                ]}
                empty={{ title: t.entriesEmpty, text: t.entriesEmptyText }}
                actions={
                    <SpaceBetween direction="horizontal" size="xs">
                        <Button disabled={!entry} onClick={() => setOpen("delete")}>
                            {common.delete}
                        </Button>
                        <Button disabled={!entry} onClick={() => setOpen("policy")}>
                            {t.addPolicy}
                        </Button>
                        <Button onClick={() => setOpen("create")}>{t.createEntry}</Button>
                    </SpaceBetween>
                }
            />
            {open === "create" && <CreateEntry cluster={cluster} onClose={() => setOpen(undefined)} onDone={done} />}
            {entry && open === "policy" && <AddPolicy cluster={cluster} entry={entry} onClose={() => setOpen(undefined)} onDone={done} />}
            {entry && open === "delete" && (
                <ConfirmDialog
                    title={t.deleteEntry}
                    text={fill(t.deleteEntryText, entry.principalArn)}
                    submit={common.delete}
                    onClose={() => setOpen(undefined)}
                    onSubmit={async () => {
                        await eksApi.call("DeleteAccessEntry", { clusterName: cluster, principalArn: entry.principalArn });
                        notify("success", t.entryDeleted);
                        done();
                    }}
                />
            )}
        </>
    );
}
