// What one user or group reaches.
import Link from "@cloudscape-design/components/link";
import type { ReactNode } from "react";
import type { Assignment, IdentityApi } from "../../api/identity";
import { useLoad } from "../../parts/load";
import { ResourceTable } from "../../parts/table";
import { href } from "../../router";
import { useTexts } from "../../texts";

export function setPath(arn: string): string {
    return `/identity-center/permission-sets/${arn.split("/").pop()}`;
}

export function AssignmentsOf({ api, type, id }: { api: IdentityApi; type: "USER" | "GROUP"; id: string }): ReactNode {
    const { identity: t, common } = useTexts();
    const assignments = useLoad(async () => {
        const found = await api.assignmentsOfPrincipal(type, id);
        const names = new Map<string, string>();
        for (const arn of new Set(found.map((assignment) => assignment.PermissionSetArn))) names.set(arn, (await api.permissionSet(arn)).Name);
        return found.map((assignment) => ({ ...assignment, name: names.get(assignment.PermissionSetArn)! }));
    }, [api, type, id]);
    return (
        <ResourceTable<Assignment & { name: string }>
            title={t.accountsOfPerson}
            loaded={assignments}
            keyOf={(assignment) => `${assignment.AccountId} ${assignment.PermissionSetArn} ${assignment.PrincipalId}`}
            columns={[
                {
                    id: "account",
                    header: common.account,
                    isName: true,
                    text: (assignment) => assignment.AccountId,
                    cell: (assignment) => <Link href={href(`/identity-center/accounts/${assignment.AccountId}`)}>{assignment.AccountId}</Link>,
                },
                {
                    id: "set",
                    header: t.permissionSets,
                    text: (assignment) => assignment.name,
                    cell: (assignment) => <Link href={href(setPath(assignment.PermissionSetArn))}>{assignment.name}</Link>,
                },
            ]}
            empty={{ title: t.assignmentsEmpty, text: t.assignmentsEmptyText }}
        />
    );
}
