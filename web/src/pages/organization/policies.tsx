// Service control policies and resource control policies.
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import Select, { type SelectProps } from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState, type ReactNode } from "react";
import { flatten, organizationApi, organizations, type PolicySummary, type PolicyTarget, type PolicyType } from "../../api/organization";
import { ConfirmDialog, FormDialog } from "../../parts/dialog";
import { ErrorBox } from "../../parts/errors";
import { notify } from "../../parts/flash";
import { HeldTable } from "../../parts/held";
import { useAction, useLoad } from "../../parts/load";
import { Awaiting, Copyable, Facts, Page } from "../../parts/page";
import { ResourceTable } from "../../parts/table";
import { pretty } from "../../policy/document";
import { isSendable, PolicyEditor, PolicyView, useProblems } from "../../policy/editor";
import { href, navigate } from "../../router";
import { fill, useTexts } from "../../texts";

const startOf: Record<PolicyType, string> = {
    SERVICE_CONTROL_POLICY: `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Deny",
      "Action": "organizations:LeaveOrganization",
      "Resource": "*"
    }
  ]
}`,
    RESOURCE_CONTROL_POLICY: `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Deny",
      "Principal": "*",
      "Action": "sts:AssumeRole",
      "Resource": "*",
      "Condition": { "StringNotEqualsIfExists": { "aws:PrincipalOrgID": "o-example" } }
    }
  ]
}`,
};
const kindOf = (type: string): "identity" | "resource" => (type === "RESOURCE_CONTROL_POLICY" ? "resource" : "identity");
const pathOf = (type: PolicyType): string => (type === "SERVICE_CONTROL_POLICY" ? "scp" : "rcp");
const typeOf = (path: string): PolicyType => (path === "rcp" ? "RESOURCE_CONTROL_POLICY" : "SERVICE_CONTROL_POLICY");

function PolicyList({ type, title, text }: { type: PolicyType; title: string; text: string }): ReactNode {
    const { organization: t, common } = useTexts();
    const action = useAction();
    const [disabling, setDisabling] = useState(false);
    const root = useLoad(async () => (await organizationApi.roots())[0]!, [type]);
    const isOn = root.data?.PolicyTypes?.some((one) => one.Type === type && one.Status === "ENABLED") ?? false;
    const policies = useLoad(() => organizationApi.policies(type), [type]);
    const turn = async (operation: string): Promise<void> => {
        await organizations(operation, { RootId: root.data!.Id, PolicyType: type });
        if (operation === "EnablePolicyType") notify("success", t.typeEnabled);
        await root.reload();
        await policies.reload();
    };
    return (
        <SpaceBetween size="m">
            {root.data && !isOn && (
                <Alert
                    type="info"
                    statusIconAriaLabel={common.info}
                    action={
                        <Button loading={action.busy} onClick={() => void action.run(() => turn("EnablePolicyType"))}>
                            {t.enableType}
                        </Button>
                    }
                >
                    {t.policyTypeOff}
                </Alert>
            )}
            <ErrorBox error={action.error} />
            <ResourceTable
                title={title}
                description={text}
                loaded={policies}
                keyOf={(policy) => policy.Id}
                nameOf={(policy) => policy.Name}
                columns={[
                    { id: "name", header: common.name, isName: true, text: (policy) => policy.Name, cell: (policy) => <Link href={href(`/organization/policies/${policy.Id}`)}>{policy.Name}</Link> },
                    { id: "kind", header: common.type, cell: (policy) => (policy.AwsManaged ? t.awsManaged : t.customerManaged) },
                    { id: "description", header: common.description, text: (policy) => policy.Description ?? "", cell: (policy) => policy.Description || "–" },
                ]}
                empty={{ title: t.policiesEmpty, text: t.policiesEmptyText }}
                actions={
                    <SpaceBetween direction="horizontal" size="xs">
                        {isOn && <Button onClick={() => setDisabling(true)}>{t.disableType}</Button>}
                        <Button variant="primary" href={href(`/organization/policies/create/${pathOf(type)}`)}>
                            {t.createPolicy}
                        </Button>
                    </SpaceBetween>
                }
            />
            {disabling && (
                <ConfirmDialog title={t.disableType} text={t.disableTypeText} submit={t.disableType} onClose={() => setDisabling(false)} onSubmit={() => turn("DisablePolicyType")} />
            )}
        </SpaceBetween>
    );
}

export function Policies(): ReactNode {
    const { organization: t } = useTexts();
    return (
        <Page title={t.policies}>
            <Tabs
                ariaLabel={t.policies}
                tabs={[
                    { id: "scp", label: t.scp, content: <PolicyList type="SERVICE_CONTROL_POLICY" title={t.scp} text={t.scpText} /> },
                    { id: "rcp", label: t.rcp, content: <PolicyList type="RESOURCE_CONTROL_POLICY" title={t.rcp} text={t.rcpText} /> },
                ]}
            />
        </Page>
    );
}

interface Draft {
    name: string;
    description: string;
    content: string;
}

function PolicyForm({ kind, start, submit, onSubmit, onCancel }: {
    kind: "identity" | "resource";
    start: Draft;
    submit: string;
    onSubmit: (draft: Draft) => Promise<unknown>;
    onCancel: () => void;
}): ReactNode {
    const { iam, common } = useTexts();
    const [draft, setDraft] = useState(start);
    const action = useAction();
    const problems = useProblems(draft.content, kind);
    return (
        <Container>
            <SpaceBetween size="l">
                <FormField label={iam.policyName}>
                    <Input value={draft.name} onChange={({ detail }) => setDraft({ ...draft, name: detail.value })} autoComplete={false} />
                </FormField>
                <FormField label={<span>{common.description} - <i>{common.optional}</i></span>}>
                    <Input value={draft.description} onChange={({ detail }) => setDraft({ ...draft, description: detail.value })} autoComplete={false} />
                </FormField>
                <PolicyEditor value={draft.content} onChange={(content) => setDraft({ ...draft, content })} kind={kind} />
                <ErrorBox error={action.error} />
                <SpaceBetween direction="horizontal" size="xs">
                    <Button variant="link" onClick={onCancel}>
                        {common.cancel}
                    </Button>
                    <Button variant="primary" loading={action.busy} disabled={!draft.name || !isSendable(problems)} onClick={() => void action.run(() => onSubmit(draft))}>
                        {submit}
                    </Button>
                </SpaceBetween>
            </SpaceBetween>
        </Container>
    );
}

export function CreatePolicy({ type: path = "scp" }: { type?: string }): ReactNode {
    const { organization: t } = useTexts();
    const type = typeOf(path);
    const create = async (draft: Draft): Promise<void> => {
        const { Policy } = await organizations<{ Policy: { PolicySummary: PolicySummary } }>("CreatePolicy", {
            Name: draft.name,
            Description: draft.description,
            Content: draft.content,
            Type: type,
        });
        notify("success", fill(t.policyCreated, draft.name));
        navigate(`/organization/policies/${Policy.PolicySummary.Id}`);
    };
    return (
        <Page title={t.createPolicy} description={type === "SERVICE_CONTROL_POLICY" ? t.scpText : t.rcpText}>
            <PolicyForm
                kind={kindOf(type)}
                start={{ name: "", description: "", content: startOf[type] }}
                submit={t.createPolicy}
                onSubmit={create}
                onCancel={() => navigate("/organization/policies")}
            />
        </Page>
    );
}

function Targets({ policy }: { policy: PolicySummary }): ReactNode {
    const { organization: t, common } = useTexts();
    const targets = useLoad(() => organizationApi.targetsOf(policy.Id), [policy.Id]);
    const tree = useLoad(organizationApi.tree);
    const [attaching, setAttaching] = useState(false);
    const [chosen, setChosen] = useState<SelectProps.Option | null>(null);
    const detach = async (some: PolicyTarget[]): Promise<void> => {
        for (const target of some) await organizations("DetachPolicy", { PolicyId: policy.Id, TargetId: target.TargetId });
        notify("success", t.detached);
    };
    const kind = (target: PolicyTarget): string => (target.Type === "ACCOUNT" ? t.account : target.Type === "ROOT" ? t.root : t.unit);
    return (
        <SpaceBetween size="m">
            <HeldTable
                title={t.targets}
                loaded={targets}
                keyOf={(target) => target.TargetId}
                nameOf={(target) => target.Name}
                columns={[
                    { id: "name", header: common.name, isName: true, text: (target) => target.Name, cell: (target) => target.Name },
                    { id: "id", header: common.id, cell: (target) => target.TargetId },
                    { id: "type", header: t.kind, cell: kind },
                ]}
                empty={{ title: t.targetsEmpty, text: t.targetsEmptyText }}
                remove={t.detach}
                onRemove={detach}
                actions={<Button onClick={() => setAttaching(true)}>{t.attach}</Button>}
            />
            {attaching && (
                <FormDialog
                    title={fill(t.attachTitle, policy.Name)}
                    submit={t.attach}
                    canSubmit={chosen !== null}
                    onClose={() => setAttaching(false)}
                    onSubmit={async () => {
                        await organizations("AttachPolicy", { PolicyId: policy.Id, TargetId: chosen!.value! });
                        notify("success", t.attached);
                        setChosen(null);
                        await targets.reload();
                    }}
                >
                    <FormField label={t.target}>
                        <Select
                            selectedOption={chosen}
                            placeholder={t.target}
                            filteringType="auto"
                            filteringAriaLabel={common.search}
                            options={(tree.data ? flatten(tree.data) : []).map((node) => ({ value: node.id, label: node.name, description: node.id }))}
                            onChange={({ detail }) => setChosen(detail.selectedOption)}
                        />
                    </FormField>
                </FormDialog>
            )}
        </SpaceBetween>
    );
}

export function PolicyPage({ id = "" }: { id?: string }): ReactNode {
    const { organization: t, common } = useTexts();
    const policy = useLoad(() => organizationApi.policy(id), [id]);
    const [open, setOpen] = useState<"edit" | "delete">();
    const summary = policy.data?.PolicySummary;
    return (
        <Page
            title={summary?.Name ?? id}
            description={summary?.Description}
            actions={
                summary &&
                !summary.AwsManaged &&
                open !== "edit" && (
                    <SpaceBetween direction="horizontal" size="xs">
                        <Button onClick={() => setOpen("edit")}>{common.edit}</Button>
                        <Button onClick={() => setOpen("delete")}>{t.deletePolicy}</Button>
                    </SpaceBetween>
                )
            }
        >
            <Awaiting loaded={policy}>
                {({ PolicySummary: shown, Content }) =>
                    open === "edit" ? (
                        <PolicyForm
                            kind={kindOf(shown.Type)}
                            start={{ name: shown.Name, description: shown.Description ?? "", content: pretty(Content) }}
                            submit={common.save}
                            onCancel={() => setOpen(undefined)}
                            onSubmit={async (draft) => {
                                await organizations("UpdatePolicy", { PolicyId: id, Name: draft.name, Description: draft.description, Content: draft.content });
                                notify("success", t.policySaved);
                                setOpen(undefined);
                                await policy.reload();
                            }}
                        />
                    ) : (
                        <SpaceBetween size="l">
                            <Facts
                                title={common.details}
                                facts={[
                                    [common.id, <Copyable text={shown.Id} />],
                                    [common.type, shown.AwsManaged ? t.awsManaged : t.customerManaged],
                                    [common.arn, <Copyable text={shown.Arn} />],
                                ]}
                            />
                            <PolicyView title={t.content} document={pretty(Content)} />
                            <Targets policy={shown} />
                            {open === "delete" && (
                                <ConfirmDialog
                                    title={t.deletePolicy}
                                    text={fill(t.deletePolicyText, shown.Name)}
                                    submit={common.delete}
                                    onClose={() => setOpen(undefined)}
                                    onSubmit={async () => {
                                        await organizations("DeletePolicy", { PolicyId: id });
                                        notify("success", fill(t.policyDeleted, shown.Name));
                                        navigate("/organization/policies");
                                    }}
                                />
                            )}
                        </SpaceBetween>
                    )
                }
            </Awaiting>
        </Page>
    );
}
