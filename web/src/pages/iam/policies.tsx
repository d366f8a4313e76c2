import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState, type ReactNode } from "react";
import { iam, iamApi, type PolicyVersion } from "../../api/iam";
import { ConfirmDialog } from "../../parts/dialog";
import { ErrorBox } from "../../parts/errors";
import { notify } from "../../parts/flash";
import { formatDate } from "../../parts/format";
import { useAction, useLoad, usePages } from "../../parts/load";
import { Awaiting, Copyable, Facts, Page } from "../../parts/page";
import { ResourceTable } from "../../parts/table";
import { emptyPolicy, isSendable, PolicyDraft, PolicyEditor, PolicyView, useProblems } from "../../policy/editor";
import { href, navigate } from "../../router";
import { fill, useTexts } from "../../texts";
import { policyPath } from "./permissions";

const isAwsManaged = (arn: string): boolean => arn.startsWith("arn:aws:iam::aws:");

export function Policies(): ReactNode {
    const { iam: t } = useTexts();
    const [scope, setScope] = useState<"Local" | "AWS">("Local");
    const policies = usePages((next) => iamApi.policies(scope, next), [scope]);
    return (
        <Page title={t.policies} description={t.policiesText}>
            <SegmentedControl
                selectedId={scope}
                label={t.scope}
                onChange={({ detail }) => setScope(detail.selectedId as "Local" | "AWS")}
                options={[
                    { id: "Local", text: t.scopeLocal },
                    { id: "AWS", text: t.scopeAws },
                ]}
            />
            <ResourceTable
                title={t.policies}
                loaded={policies}
                keyOf={(policy) => policy.Arn}
                nameOf={(policy) => policy.PolicyName}
                columns={[
                    { id: "name", header: t.policyName, isName: true, text: (policy) => policy.PolicyName, cell: (policy) => <Link href={href(policyPath(policy.Arn))}>{policy.PolicyName}</Link> },
                    { id: "path", header: t.path, text: (policy) => policy.Path, cell: (policy) => policy.Path },
                    { id: "attachments", header: t.attachments, cell: (policy) => policy.AttachmentCount },
                    { id: "updated", header: t.updated, text: (policy) => policy.UpdateDate, cell: (policy) => formatDate(policy.UpdateDate) },
                ]}
                empty={{ title: t.policiesEmpty, text: t.policiesEmptyText, action: <Button href={href("/iam/policies/create")}>{t.createPolicy}</Button> }}
                actions={
                    <Button variant="primary" href={href("/iam/policies/create")}>
                        {t.createPolicy}
                    </Button>
                }
            />
        </Page>
    );
}

export function CreatePolicy(): ReactNode {
    const { iam: t, common } = useTexts();
    const [name, setName] = useState("");
    const [description, setDescription] = useState("");
    const [document, setDocument] = useState(emptyPolicy);
    const problems = useProblems(document, "identity");
    const action = useAction();
    const create = async (): Promise<void> => {
        const { Policy } = await iam<{ Policy: { Arn: string } }>("CreatePolicy", { PolicyName: name, Description: description || undefined, PolicyDocument: document });
        notify("success", fill(t.policyCreated, name));
        navigate(policyPath(Policy.Arn));
    };
    return (
        <Page title={t.createPolicy}>
            <Container>
                <SpaceBetween size="l">
                    <FormField label={t.policyName}>
                        <Input value={name} onChange={({ detail }) => setName(detail.value)} autoComplete={false} spellcheck={false} />
                    </FormField>
                    <FormField label={<span>{common.description} - <i>{common.optional}</i></span>}>
                        <Input value={description} onChange={({ detail }) => setDescription(detail.value)} autoComplete={false} />
                    </FormField>
                    <PolicyEditor value={document} onChange={setDocument} kind="identity" />
                    <ErrorBox error={action.error} />
                    <SpaceBetween direction="horizontal" size="xs">
                        <Button variant="link" href={href("/iam/policies")}>
                            {common.cancel}
                        </Button>
                        <Button variant="primary" loading={action.busy} disabled={!name || !isSendable(problems)} onClick={() => void action.run(create)}>
                            {t.createPolicy}
                        </Button>
                    </SpaceBetween>
                </SpaceBetween>
            </Container>
        </Page>
    );
}

// IAM keeps five versions: the oldest that is not the default makes room.
async function saveVersion(arn: string, document: string): Promise<void> {
    const versions = await iamApi.versions(arn);
    if (versions.length >= 5) {
        const oldest = versions.filter((version) => version.IsDefaultVersion !== "true").sort((a, b) => a.CreateDate.localeCompare(b.CreateDate))[0]!;
        await iam("DeletePolicyVersion", { PolicyArn: arn, VersionId: oldest.VersionId });
    }
    await iam("CreatePolicyVersion", { PolicyArn: arn, PolicyDocument: document, SetAsDefault: true });
}

function Document({ arn, version, onDone }: { arn: string; version: string; onDone: () => void }): ReactNode {
    const { iam: t } = useTexts();
    const document = useLoad(() => iamApi.document(arn, version), [arn, version]);
    const [draft, setDraft] = useState<string>();
    const save = async (text: string): Promise<void> => {
        await saveVersion(arn, text);
        notify("success", t.versionSaved);
        onDone();
    };
    if (draft !== undefined) {
        return <PolicyDraft title={t.document} start={draft} kind="identity" onSave={save} onClose={() => setDraft(undefined)} />;
    }
    return (
        <Awaiting loaded={document}>
            {(text) => (
                <PolicyView title={`${t.document} (${version})`} document={text} actions={!isAwsManaged(arn) && <Button onClick={() => setDraft(text)}>{t.newVersion}</Button>} />
            )}
        </Awaiting>
    );
}

function Versions({ arn, onDone }: { arn: string; onDone: () => void }): ReactNode {
    const { iam: t, common } = useTexts();
    const versions = useLoad(() => iamApi.versions(arn), [arn]);
    const [selected, setSelected] = useState<PolicyVersion[]>([]);
    const action = useAction();
    const version = selected[0];
    const change = (operation: string): Promise<boolean> =>
        action.run(async () => {
            await iam(operation, { PolicyArn: arn, VersionId: version!.VersionId });
            setSelected([]);
            await versions.reload();
            onDone();
        });
    return (
        <SpaceBetween size="m">
            <ErrorBox error={action.error} />
            <ResourceTable
                title={t.versions}
                loaded={versions}
                keyOf={(item) => item.VersionId}
                selection={isAwsManaged(arn) ? undefined : "single"}
                selected={selected}
                onSelect={setSelected}
                isDisabled={(item) => item.IsDefaultVersion === "true"}
                columns={[
                    { id: "id", header: t.version, isName: true, cell: (item) => (item.IsDefaultVersion === "true" ? `${item.VersionId} (${t.defaultVersion})` : item.VersionId) },
                    { id: "created", header: common.created, cell: (item) => formatDate(item.CreateDate) },
                ]}
                empty={{ title: t.versions, text: "" }}
                actions={
                    !isAwsManaged(arn) && (
                        <SpaceBetween direction="horizontal" size="xs">
                            <Button disabled={!version} loading={action.busy} onClick={() => void change("DeletePolicyVersion")}>
                                {common.delete}
                            </Button>
                            <Button disabled={!version} loading={action.busy} onClick={() => void change("SetDefaultPolicyVersion")}>
                                {t.makeDefault}
                            </Button>
                        </SpaceBetween>
                    )
                }
            />
        </SpaceBetween>
    );
}

async function deletePolicy(arn: string): Promise<void> {
    for (const version of await iamApi.versions(arn)) {
        if (version.IsDefaultVersion !== "true") await iam("DeletePolicyVersion", { PolicyArn: arn, VersionId: version.VersionId });
    }
    await iam("DeletePolicy", { PolicyArn: arn });
}

export function PolicyPage({ arn = "" }: { arn?: string }): ReactNode {
    const { iam: t, common } = useTexts();
    const policy = useLoad(() => iamApi.policy(arn), [arn]);
    const [deleting, setDeleting] = useState(false);
    const name = policy.data?.PolicyName ?? arn.split("/").pop()!;
    return (
        <Page
            title={name}
            description={policy.data?.Description}
            actions={policy.data && !isAwsManaged(arn) && <Button onClick={() => setDeleting(true)}>{t.deletePolicy}</Button>}
        >
            <Awaiting loaded={policy}>
                {(shown) => (
                    <SpaceBetween size="l">
                        <Facts
                            title={common.details}
                            facts={[
                                [common.arn, <Copyable text={shown.Arn} />],
                                [t.attachments, shown.AttachmentCount],
                                [t.updated, formatDate(shown.UpdateDate)],
                            ]}
                        />
                        <Tabs
                            ariaLabel={common.details}
                            tabs={[
                                { id: "document", label: t.document, content: <Document arn={arn} version={shown.DefaultVersionId} onDone={() => void policy.reload()} /> },
                                { id: "versions", label: t.versions, content: <Versions arn={arn} onDone={() => void policy.reload()} /> },
                            ]}
                        />
                        {deleting && (
                            <ConfirmDialog
                                title={t.deletePolicy}
                                text={fill(t.deletePolicyText, name)}
                                word={name}
                                submit={common.delete}
                                onClose={() => setDeleting(false)}
                                onSubmit={async () => {
                                    await deletePolicy(arn);
                                    notify("success", fill(t.policyDeleted, name));
                                    navigate("/iam/policies");
                                }}
                            />
                        )}
                    </SpaceBetween>
                )}
            </Awaiting>
        </Page>
    );
}
