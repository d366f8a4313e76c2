import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState, type ReactNode } from "react";
import type { Assignment, IdentityApi } from "../../api/identity";
import { flatten, organizationApi, organizations, type Account, type Node } from "../../api/organization";
import { ConfirmDialog } from "../../parts/dialog";
import { notify } from "../../parts/flash";
import { useLoad, type Loaded } from "../../parts/load";
import { Copyable, Facts, Page } from "../../parts/page";
import { ResourceTable } from "../../parts/table";
import { href } from "../../router";
import { fill, useTexts } from "../../texts";
import { setPath } from "./assignments_of";
import { WithCenter } from "./center";

const accountsMax = 10; // at once, as in AWS's console

export interface PlacedAccount extends Node {
    place: string; // units above it, from the root
}

export function useAccounts(): Loaded<PlacedAccount[]> {
    return useLoad(async () => {
        const root = await organizationApi.tree();
        const nodes = flatten(root);
        const byId = new Map(nodes.map((node) => [node.id, node]));
        const placeOf = (node: Node): string => {
            const above = node.parent ? byId.get(node.parent) : undefined;
            return above ? [placeOf(above), above.name].filter(Boolean).join(" / ") : "";
        };
        return nodes.filter((node) => node.kind === "account").map((node) => ({ ...node, place: placeOf(node) }));
    });
}

function AccountList({ api }: { api: IdentityApi }): ReactNode {
    const { identity, identityMore: t, common } = useTexts();
    const accounts = useAccounts();
    const [selected, setSelected] = useState<PlacedAccount[]>([]);
    return (
        <ResourceTable
            title={identity.accounts}
            loaded={accounts}
            keyOf={(account) => account.id}
            nameOf={(account) => account.name}
            selection="multi"
            selected={selected}
            onSelect={setSelected}
            isDisabled={(account) => selected.length >= accountsMax && !selected.some((one) => one.id === account.id)}
            columns={[
                {
                    id: "name",
                    header: common.name,
                    isName: true,
                    text: (account) => account.name,
                    cell: (account) => <Link href={href(`/identity-center/accounts/${account.id}`)}>{account.name}</Link>,
                },
                { id: "id", header: common.id, text: (account) => account.id, cell: (account) => account.id },
                { id: "email", header: common.email, text: (account) => account.email ?? "", cell: (account) => account.email ?? "–" },
                {
                    id: "place",
                    header: t.organizationalUnit,
                    text: (account) => account.place,
                    cell: (account) => (account.id === api.center.OwnerAccountId ? `${account.place} (${t.managementAccount})` : account.place),
                },
            ]}
            empty={{ title: t.accountsEmpty, text: t.accountsEmptyText }}
            actions={
                <Button
                    variant="primary"
                    disabled={selected.length === 0}
                    href={selected.length ? href(`/identity-center/accounts/assign/${selected.map((account) => account.id).join(",")}`) : undefined}
                >
                    {identity.assign}
                </Button>
            }
        />
    );
}

export function Accounts(): ReactNode {
    const { identity, identityMore } = useTexts();
    return (
        <WithCenter title={identity.accounts}>
            {(api) => (
                <Page title={identity.accounts} description={identityMore.accountsText}>
                    <AccountList api={api} />
                </Page>
            )}
        </WithCenter>
    );
}

interface Named extends Assignment {
    set: string;
    principal: string;
}

async function readAssignments(api: IdentityApi, account: string): Promise<Named[]> {
    const sets = await api.permissionSetsOfAccount(account);
    const found = await Promise.all(
        sets.map(async (arn) => {
            const [set, assignments] = await Promise.all([api.permissionSet(arn), api.assignments(account, arn)]);
            return Promise.all(assignments.map(async (assignment) => ({ ...assignment, set: set.Name, principal: await api.nameOf(assignment) })));
        }),
    );
    return found.flat();
}

function AccountView({ api, id }: { api: IdentityApi; id: string }): ReactNode {
    const { identity, identityMore: t, common } = useTexts();
    const account = useLoad(async () => (await organizations<{ Account: Account }>("DescribeAccount", { AccountId: id })).Account, [id]);
    const assignments = useLoad(() => readAssignments(api, id), [api, id]);
    const [selected, setSelected] = useState<Named[]>([]);
    const [removing, setRemoving] = useState(false);
    const remove = async (): Promise<void> => {
        for (const { set: _set, principal: _principal, ...assignment } of selected) await api.unassign({ ...assignment, AccountId: id });
        notify("success", t.accessRemoved);
        setSelected([]);
        await assignments.reload();
    };
    const principalPath = (assignment: Assignment): string =>
        `/identity-center/${assignment.PrincipalType === "USER" ? "users" : "groups"}/${assignment.PrincipalId}`;
    return (
        <Page
            title={account.data?.Name ?? id}
            description={id}
            actions={
                <Button variant="primary" href={href(`/identity-center/accounts/assign/${id}`)}>
                    {identity.assign}
                </Button>
            }
        >
            <SpaceBetween size="l">
                {account.data && (
                    <Facts
                        title={t.accountFacts}
                        facts={[
                            [common.id, <Copyable text={id} />],
                            [common.email, account.data.Email],
                            [common.status, account.data.State ?? account.data.Status ?? "–"],
                        ]}
                    />
                )}
                <ResourceTable
                    title={t.assignments}
                    loaded={assignments}
                    keyOf={(assignment) => `${assignment.PermissionSetArn} ${assignment.PrincipalId}`}
                    nameOf={(assignment) => `${assignment.principal}, ${assignment.set}`}
                    selection="multi"
                    selected={selected}
                    onSelect={setSelected}
                    columns={[
                        {
                            id: "principal",
                            header: t.principal,
                            isName: true,
                            text: (assignment) => assignment.principal,
                            cell: (assignment) => <Link href={href(principalPath(assignment))}>{assignment.principal}</Link>,
                        },
                        { id: "type", header: common.type, cell: (assignment) => (assignment.PrincipalType === "USER" ? t.user : t.group) },
                        {
                            id: "set",
                            header: identity.permissionSets,
                            text: (assignment) => assignment.set,
                            cell: (assignment) => <Link href={href(setPath(assignment.PermissionSetArn))}>{assignment.set}</Link>,
                        },
                    ]}
                    empty={{ title: t.assignmentsEmpty, text: t.assignmentsEmptyText }}
                    actions={
                        <Button disabled={selected.length === 0} onClick={() => setRemoving(true)}>
                            {t.removeAccess}
                        </Button>
                    }
                />
            </SpaceBetween>
            {removing && (
                <ConfirmDialog
                    title={t.removeAccess}
                    text={fill(t.removeAccessText, selected.map((assignment) => `${assignment.principal} (${assignment.set})`).join(", "))}
                    submit={t.removeAccess}
                    onSubmit={remove}
                    onClose={() => setRemoving(false)}
                />
            )}
        </Page>
    );
}

export function AccountPage({ id = "" }: { id?: string }): ReactNode {
    const t = useTexts().identity;
    return <WithCenter title={t.accounts}>{(api) => <AccountView api={api} id={id} />}</WithCenter>;
}
