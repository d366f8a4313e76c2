// The policies of a user or a role: managed ones by name, inline ones with their text.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import Modal from "@cloudscape-design/components/modal";
import type { MultiselectProps } from "@cloudscape-design/components/multiselect";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState, type ReactNode } from "react";
import { iam, iamApi } from "../../api/iam";
import { FormDialog } from "../../parts/dialog";
import { notify } from "../../parts/flash";
import { HeldTable } from "../../parts/held";
import { everyPage, useLoad } from "../../parts/load";
import { Awaiting } from "../../parts/page";
import { emptyPolicy, isSendable, PolicyEditor, PolicyView, useProblems } from "../../policy/editor";
import { ManagedPolicies } from "../../policy/managed_policies";
import { href } from "../../router";
import { fill, useTexts } from "../../texts";

type Kind = "User" | "Role";
interface Held {
    name: string;
    arn?: string;
}

export function policyPath(arn: string): string {
    return `/iam/policies/${encodeURIComponent(arn)}`;
}

function Attach({ kind, name, onClose, onDone }: { kind: Kind; name: string; onClose: () => void; onDone: () => void }): ReactNode {
    const { iam: t } = useTexts();
    const [chosen, setChosen] = useState<readonly MultiselectProps.Option[]>([]);
    const policies = useLoad(() => everyPage((next) => iamApi.policies("All", next)));
    const attach = async (): Promise<void> => {
        for (const policy of chosen) await iam(`Attach${kind}Policy`, { [`${kind}Name`]: name, PolicyArn: policy.value });
        notify("success", t.attached);
        onDone();
    };
    return (
        <FormDialog title={t.attachPolicies} submit={t.attachPolicies} canSubmit={chosen.length > 0} onSubmit={attach} onClose={onClose}>
            <ManagedPolicies label={t.policies} policies={policies} chosen={chosen} onChange={setChosen} />
        </FormDialog>
    );
}

function EditInline({ kind, name, policy, start, onClose, onDone }: {
    kind: Kind;
    name: string;
    policy?: string;
    start: string;
    onClose: () => void;
    onDone: () => void;
}): ReactNode {
    const { iam: t, identityMore: more, common } = useTexts();
    const [policyName, setPolicyName] = useState(policy ?? "");
    const [document, setDocument] = useState(start);
    const problems = useProblems(document, "identity");
    const save = async (): Promise<void> => {
        await iam(`Put${kind}Policy`, { [`${kind}Name`]: name, PolicyName: policyName, PolicyDocument: document });
        notify("success", more.inlineSaved);
        onDone();
    };
    return (
        <FormDialog size="large" title={policy ?? t.addInline} submit={common.save} canSubmit={policyName !== "" && isSendable(problems)} onSubmit={save} onClose={onClose}>
            {!policy && (
                <FormField label={t.policyName}>
                    <Input value={policyName} onChange={({ detail }) => setPolicyName(detail.value)} autoComplete={false} />
                </FormField>
            )}
            <PolicyEditor value={document} onChange={setDocument} kind="identity" />
        </FormDialog>
    );
}

function ShowInline({ kind, name, policy, canEdit, onClose, onDone }: {
    kind: Kind;
    name: string;
    policy: string;
    canEdit: boolean;
    onClose: () => void;
    onDone: () => void;
}): ReactNode {
    const { common } = useTexts();
    const [editing, setEditing] = useState(false);
    const document = useLoad(() => iamApi.inline(kind, name, policy), [kind, name, policy]);
    if (editing && document.data) return <EditInline kind={kind} name={name} policy={policy} start={document.data} onClose={onClose} onDone={onDone} />;
    return (
        <Modal visible size="large" header={policy} closeAriaLabel={common.close} onDismiss={onClose}>
            <Awaiting loaded={document}>
                {(text) => <PolicyView title={policy} document={text} actions={canEdit && <Button onClick={() => setEditing(true)}>{common.edit}</Button>} />}
            </Awaiting>
        </Modal>
    );
}

export function Permissions({ kind, name, canEdit = true }: { kind: Kind; name: string; canEdit?: boolean }): ReactNode {
    const { iam: t, common } = useTexts();
    const [open, setOpen] = useState<"attach" | "inline">();
    const [shown, setShown] = useState<string>();
    const policies = useLoad(async () => {
        const [attached, inline] = await Promise.all([iamApi.attachedTo(kind, name), iamApi.inlineOf(kind, name)]);
        return [...attached.map((policy): Held => ({ name: policy.PolicyName, arn: policy.PolicyArn })), ...inline.map((policy): Held => ({ name: policy }))];
    }, [kind, name]);
    const reload = (): void => void policies.reload();
    const remove = async (some: Held[]): Promise<void> => {
        for (const policy of some) {
            if (policy.arn) await iam(`Detach${kind}Policy`, { [`${kind}Name`]: name, PolicyArn: policy.arn });
            else await iam(`Delete${kind}Policy`, { [`${kind}Name`]: name, PolicyName: policy.name });
            notify("success", fill(t.detached, policy.name));
        }
    };
    return (
        <SpaceBetween size="m">
            <HeldTable
                title={t.permissions}
                loaded={policies}
                keyOf={(policy) => policy.arn ?? policy.name}
                nameOf={(policy) => policy.name}
                columns={[
                    {
                        id: "name",
                        header: t.policyName,
                        isName: true,
                        text: (policy) => policy.name,
                        cell: (policy) =>
                            policy.arn ? <Link href={href(policyPath(policy.arn))}>{policy.name}</Link> : <Link onFollow={() => setShown(policy.name)}>{policy.name}</Link>,
                    },
                    { id: "type", header: common.type, cell: (policy) => <Box color="text-body-secondary">{policy.arn ? t.managed : t.inline}</Box> },
                ]}
                empty={{ title: t.permissionsEmpty, text: t.permissionsEmptyText }}
                remove={t.detach}
                onRemove={remove}
                canEdit={canEdit}
                actions={
                    <>
                        <Button onClick={() => setOpen("attach")}>{t.attachPolicies}</Button>
                        <Button onClick={() => setOpen("inline")}>{t.addInline}</Button>
                    </>
                }
            />
            {open === "attach" && <Attach kind={kind} name={name} onClose={() => setOpen(undefined)} onDone={reload} />}
            {open === "inline" && <EditInline kind={kind} name={name} start={emptyPolicy} onClose={() => setOpen(undefined)} onDone={reload} />}
            {shown && <ShowInline kind={kind} name={name} policy={shown} canEdit={canEdit} onClose={() => setShown(undefined)} onDone={reload} />}
        </SpaceBetween>
    );
}
