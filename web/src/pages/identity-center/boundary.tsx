import Button from "@cloudscape-design/components/button";
import type { SelectProps } from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState, type ReactNode } from "react";
import type { IdentityApi } from "../../api/identity";
import { asAwsError } from "../../aws/error";
import { FormDialog } from "../../parts/dialog";
import { notify } from "../../parts/flash";
import { useLoad } from "../../parts/load";
import { Awaiting, Facts } from "../../parts/page";
import { useTexts } from "../../texts";
import { Boundary, useAwsPolicies } from "../../policy/managed_policies";

interface Answer {
    PermissionsBoundary?: { ManagedPolicyArn?: string; CustomerManagedPolicyReference?: { Name: string } };
}

function Choose({ api, arn, current, onClose, onDone }: { api: IdentityApi; arn: string; current: string; onClose: () => void; onDone: () => void }): ReactNode {
    const { identityMore: t, common } = useTexts();
    const policies = useAwsPolicies();
    const [chosen, setChosen] = useState<SelectProps.Option | null>(current ? { value: current, label: current.split("/").pop() } : null);
    const save = async (): Promise<void> => {
        const place = { PermissionSetArn: arn };
        if (chosen) await api.admin("PutPermissionsBoundaryToPermissionSet", { ...place, PermissionsBoundary: { ManagedPolicyArn: chosen.value } });
        else await api.admin("DeletePermissionsBoundaryFromPermissionSet", place);
        notify("success", t.boundarySaved);
        onDone();
    };
    return (
        <FormDialog title={t.boundary} submit={common.save} onSubmit={save} onClose={onClose}>
            <Boundary policies={policies} chosen={chosen} onChange={setChosen} />
        </FormDialog>
    );
}

// The boundary of a permission set that is there.
export function BoundaryOfSet({ api, arn }: { api: IdentityApi; arn: string }): ReactNode {
    const { identityMore: t } = useTexts();
    const [open, setOpen] = useState(false);
    const boundary = useLoad(async () => {
        try {
            return (await api.admin<Answer>("GetPermissionsBoundaryForPermissionSet", { PermissionSetArn: arn })).PermissionsBoundary ?? {};
        } catch (reason) {
            if (asAwsError(reason).isMissing) return {};
            throw reason;
        }
    }, [api, arn]);
    return (
        <Awaiting loaded={boundary}>
            {(shown) => {
                const name = shown.ManagedPolicyArn?.split("/").pop() ?? shown.CustomerManagedPolicyReference?.Name;
                return (
                    <SpaceBetween size="m">
                        <Facts title={t.boundary} columns={1} actions={<Button onClick={() => setOpen(true)}>{t.setBoundary}</Button>} facts={[[t.boundaryHint, name ?? t.boundaryNone]]} />
                        {open && (
                            <Choose api={api} arn={arn} current={shown.ManagedPolicyArn ?? ""} onClose={() => setOpen(false)} onDone={() => void boundary.reload()} />
                        )}
                    </SpaceBetween>
                );
            }}
        </Awaiting>
    );
}
