// The tree of units and accounts.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Icon from "@cloudscape-design/components/icon";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import Select, { type SelectProps } from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState, type ReactNode } from "react";
import { sekisho } from "../../api/identity";
import { flatten, organizationApi, organizations, type Node, type Organization as OrganizationFacts } from "../../api/organization";
import { asAwsError } from "../../aws/error";
import { ConfirmDialog, FormDialog } from "../../parts/dialog";
import { ErrorBox } from "../../parts/errors";
import { notify } from "../../parts/flash";
import { useAction, useLoad, type Loaded } from "../../parts/load";
import { Awaiting, Copyable, Facts, Page } from "../../parts/page";
import { href } from "../../router";
import { fill, useTexts } from "../../texts";

type Open = "account" | "unit" | "move" | "rename" | "delete" | undefined;

function unitOptions(root: Node): SelectProps.Option[] {
    return flatten(root)
        .filter((node) => node.kind !== "account")
        .map((node) => ({ value: node.id, label: node.name, description: node.id }));
}

function CreateAccount({ onClose, onDone }: { onClose: () => void; onDone: () => void }): ReactNode {
    const { organization: t } = useTexts();
    const [name, setName] = useState("");
    const [email, setEmail] = useState("");
    const create = async (): Promise<void> => {
        const id = await organizationApi.createAccount(name, email);
        notify("success", fill(t.accountCreated, name, id));
        onDone();
    };
    return (
        <FormDialog title={t.addAccount} submit={t.addAccount} onSubmit={create} onClose={onClose} canSubmit={name !== "" && email.includes("@")}>
            <FormField label={t.accountName}>
                <Input value={name} onChange={({ detail }) => setName(detail.value)} autoComplete={false} autoFocus />
            </FormField>
            <FormField label={t.accountEmail} description={t.accountEmailHint}>
                <Input type="email" value={email} onChange={({ detail }) => setEmail(detail.value)} autoComplete={false} />
            </FormField>
        </FormDialog>
    );
}

function NameUnit({ root, unit, onClose, onDone }: { root: Node; unit?: Node; onClose: () => void; onDone: () => void }): ReactNode {
    const { organization: t, identityMore, common } = useTexts();
    const options = unitOptions(root);
    const [name, setName] = useState(unit?.name ?? "");
    const [parent, setParent] = useState(options[0]!);
    const save = async (): Promise<void> => {
        if (unit) {
            await organizations("UpdateOrganizationalUnit", { OrganizationalUnitId: unit.id, Name: name });
            notify("success", identityMore.settingsSaved);
        } else {
            await organizations("CreateOrganizationalUnit", { ParentId: parent.value!, Name: name });
            notify("success", fill(t.unitCreated, name));
        }
        onDone();
    };
    return (
        <FormDialog title={unit ? t.rename : t.addUnit} submit={unit ? common.save : t.addUnit} onSubmit={save} onClose={onClose} canSubmit={name !== ""}>
            <FormField label={t.unitName}>
                <Input value={name} onChange={({ detail }) => setName(detail.value)} autoComplete={false} autoFocus />
            </FormField>
            {!unit && (
                <FormField label={t.below}>
                    <Select selectedOption={parent} options={options} onChange={({ detail }) => setParent(detail.selectedOption)} />
                </FormField>
            )}
        </FormDialog>
    );
}

function MoveAccount({ root, account, onClose, onDone }: { root: Node; account: Node; onClose: () => void; onDone: () => void }): ReactNode {
    const { organization: t } = useTexts();
    const options = unitOptions(root).filter((option) => option.value !== account.parent);
    const [target, setTarget] = useState<SelectProps.Option | null>(options[0] ?? null);
    const move = async (): Promise<void> => {
        await organizations("MoveAccount", { AccountId: account.id, SourceParentId: account.parent, DestinationParentId: target!.value });
        notify("success", fill(t.moved, account.name));
        onDone();
    };
    return (
        <FormDialog title={fill(t.moveTitle, account.name)} submit={t.move} onSubmit={move} onClose={onClose} canSubmit={target !== null}>
            <FormField label={t.moveTo}>
                <Select selectedOption={target} options={options} onChange={({ detail }) => setTarget(detail.selectedOption)} />
            </FormField>
        </FormDialog>
    );
}

function Tree({ tree }: { tree: Loaded<Node> }): ReactNode {
    const { organization: t, common } = useTexts();
    const [selected, setSelected] = useState<Node[]>([]);
    const [closed, setClosed] = useState<Set<string>>(new Set());
    const [open, setOpen] = useState<Open>();
    const root = tree.data;
    const node = selected[0];
    const reload = (): void => {
        setSelected([]);
        void tree.reload();
    };
    const kindOf = (item: Node): string => (item.kind === "account" ? t.account : item.kind === "unit" ? t.unit : t.root);
    return (
        <SpaceBetween size="m">
            <ErrorBox error={tree.error} retry={() => void tree.reload()} />
            <Table<Node>
                items={root ? [root] : []}
                trackBy="id"
                loading={tree.loading && !root}
                loadingText={common.loading}
                wrapLines
                selectionType="single"
                selectedItems={selected}
                isItemDisabled={(item) => item.kind === "root"}
                onSelectionChange={({ detail }) => setSelected(detail.selectedItems)}
                expandableRows={{
                    getItemChildren: (item) => item.children,
                    isItemExpandable: (item) => item.children.length > 0,
                    expandedItems: root ? flatten(root).filter((item) => !closed.has(item.id)) : [],
                    onExpandableItemToggle: ({ detail }) => {
                        const next = new Set(closed);
                        if (detail.expanded) next.delete(detail.item.id);
                        else next.add(detail.item.id);
                        setClosed(next);
                    },
                }}
                ariaLabels={{
                    tableLabel: t.tree,
                    selectionGroupLabel: t.tree,
                    itemSelectionLabel: (_, item) => fill(common.selectItem, item.name),
                    expandButtonLabel: (item) => `${common.details}: ${item.name}`,
                    collapseButtonLabel: (item) => `${common.close}: ${item.name}`,
                }}
                columnDefinitions={[
                    {
                        id: "name",
                        header: common.name,
                        isRowHeader: true,
                        cell: (item) =>
                            item.kind === "account" ? (
                                <Link href={href(`/organization/accounts/${item.id}`)}>{item.name}</Link>
                            ) : (
                                <span>
                                    <Icon name="folder" /> {item.name}
                                </span>
                            ),
                    },
                    { id: "kind", header: t.kind, cell: kindOf },
                    { id: "id", header: common.id, cell: (item) => item.id },
                    { id: "email", header: common.email, cell: (item) => item.email ?? "–" },
                ]}
                header={
                    <Header
                        variant="h2"
                        description={t.treeText}
                        actions={
                            <SpaceBetween direction="horizontal" size="xs">
                                <Button iconName="refresh" ariaLabel={common.refresh} onClick={() => void tree.reload()} />
                                <ButtonDropdown
                                    items={[
                                        { id: "move", text: t.move, disabled: node?.kind !== "account" },
                                        { id: "rename", text: t.rename, disabled: node?.kind !== "unit" },
                                        { id: "delete", text: t.deleteUnit, disabled: node?.kind !== "unit" },
                                        { id: "unit", text: t.addUnit },
                                    ]}
                                    onItemClick={({ detail }) => setOpen(detail.id as Open)}
                                >
                                    {common.actions}
                                </ButtonDropdown>
                                <Button variant="primary" onClick={() => setOpen("account")}>
                                    {t.addAccount}
                                </Button>
                            </SpaceBetween>
                        }
                    >
                        {t.tree}
                    </Header>
                }
            />
            {open === "account" && <CreateAccount onClose={() => setOpen(undefined)} onDone={reload} />}
            {root && open === "unit" && <NameUnit root={root} onClose={() => setOpen(undefined)} onDone={reload} />}
            {root && node && open === "rename" && <NameUnit root={root} unit={node} onClose={() => setOpen(undefined)} onDone={reload} />}
            {root && node && open === "move" && <MoveAccount root={root} account={node} onClose={() => setOpen(undefined)} onDone={reload} />}
            {node && open === "delete" && (
                <ConfirmDialog
                    title={t.deleteUnit}
                    text={fill(t.deleteUnitText, node.name)}
                    submit={common.delete}
                    onClose={() => setOpen(undefined)}
                    onSubmit={async () => {
                        await organizations("DeleteOrganizationalUnit", { OrganizationalUnitId: node.id });
                        notify("success", fill(t.unitDeleted, node.name));
                        reload();
                    }}
                />
            )}
        </SpaceBetween>
    );
}

function Create({ onDone }: { onDone: () => void }): ReactNode {
    const { organization: t } = useTexts();
    const action = useAction();
    const create = async (): Promise<void> => {
        if (!(await action.run(() => organizations("CreateOrganization", { FeatureSet: "ALL" })))) return;
        notify("success", t.created);
        onDone();
    };
    return (
        <Container header={<Header variant="h2">{t.createTitle}</Header>}>
            <SpaceBetween size="m">
                <Box variant="p">{t.createText}</Box>
                <Button variant="primary" loading={action.busy} onClick={() => void create()}>
                    {t.createOrganization}
                </Button>
                <ErrorBox error={action.error} />
            </SpaceBetween>
        </Container>
    );
}

function Details({ facts }: { facts: OrganizationFacts }): ReactNode {
    const { organization: t, common } = useTexts();
    const action = useAction();
    const verify = (): Promise<boolean> =>
        action.run(async () => {
            const answer = await sekisho<{ EmailAddress: string }>("SendOrganizationVerification");
            notify("success", fill(t.verificationSent, answer.EmailAddress));
        });
    return (
        <SpaceBetween size="m">
            <Facts
                title={t.facts}
                columns={4}
                actions={
                    <Button loading={action.busy} onClick={() => void verify()}>
                        {t.verifyEmail}
                    </Button>
                }
                facts={[
                    [common.id, <Copyable text={facts.Id} />],
                    [t.managementAccount, facts.MasterAccountId],
                    [t.managementEmail, facts.MasterAccountEmail],
                    [t.featureSet, facts.FeatureSet],
                ]}
            />
            <ErrorBox error={action.error} />
        </SpaceBetween>
    );
}

function Existing({ facts }: { facts: OrganizationFacts }): ReactNode {
    const tree = useLoad(organizationApi.tree);
    return (
        <SpaceBetween size="l">
            <Tree tree={tree} />
            <Details facts={facts} />
        </SpaceBetween>
    );
}

export function Organization(): ReactNode {
    const { organization: t } = useTexts();
    const facts = useLoad(async () => {
        try {
            return await organizationApi.describe();
        } catch (reason) {
            if (asAwsError(reason).code === "AWSOrganizationsNotInUseException") return null;
            throw reason;
        }
    });
    return (
        <Page title={t.title} description={t.about}>
            <Awaiting loaded={facts}>{(found) => (found ? <Existing facts={found} /> : <Create onDone={() => void facts.reload()} />)}</Awaiting>
        </Page>
    );
}
