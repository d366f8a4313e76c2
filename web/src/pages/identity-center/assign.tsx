// AWS's three steps: who, with which permission sets, review. Each assignment is a call of its own; the wizard shows how
// far it is, and goes on with the rest after a failure was seen to.
import Alert from "@cloudscape-design/components/alert";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import Wizard from "@cloudscape-design/components/wizard";
import { useRef, useState, type ReactNode } from "react";
import type { Assignment, Group, IdentityApi, PermissionSet, User } from "../../api/identity";
import { ErrorBox } from "../../parts/errors";
import { notify } from "../../parts/flash";
import { useAction, usePages } from "../../parts/load";
import { Facts, useTitle } from "../../parts/page";
import { ResourceTable } from "../../parts/table";
import { navigate } from "../../router";
import { fill, useTexts } from "../../texts";
import { WithCenter } from "./center";

const parallel = 4; // AWS lets ten be under way

function AssignWizard({ api, accounts }: { api: IdentityApi; accounts: string[] }): ReactNode {
    const { identity, identityMore: t, common } = useTexts();
    useTitle(`${identity.assign} (${accounts.join(", ")})`);
    const users = usePages((next) => api.users(next), [api], api.userSearch);
    const groups = usePages((next) => api.groups(next), [api], api.groupSearch);
    const sets = usePages((next) => api.permissionSets(next), [api]);
    const [step, setStep] = useState(0);
    const [tried, setTried] = useState(false);
    const [chosenUsers, setChosenUsers] = useState<User[]>([]);
    const [chosenGroups, setChosenGroups] = useState<Group[]>([]);
    const [chosenSets, setChosenSets] = useState<PermissionSet[]>([]);
    const [done, setDone] = useState(0);
    const finished = useRef(new Set<string>());
    const action = useAction();
    const people = chosenUsers.length + chosenGroups.length;
    const stepIsRight = [people > 0, chosenSets.length > 0, true];
    const wanted: Assignment[] = accounts.flatMap((AccountId) =>
        chosenSets.flatMap(({ PermissionSetArn }) => [
            ...chosenGroups.map(({ GroupId }): Assignment => ({ AccountId, PermissionSetArn, PrincipalType: "GROUP", PrincipalId: GroupId })),
            ...chosenUsers.map(({ UserId }): Assignment => ({ AccountId, PermissionSetArn, PrincipalType: "USER", PrincipalId: UserId })),
        ]),
    );
    const back = accounts.length === 1 ? `/identity-center/accounts/${accounts[0]}` : "/identity-center/accounts";

    const submit = async (): Promise<void> => {
        const waiting = wanted.filter((assignment) => !finished.current.has(JSON.stringify(assignment)));
        const work = async (): Promise<void> => {
            for (let next = waiting.shift(); next; next = waiting.shift()) {
                await api.assign(next);
                finished.current.add(JSON.stringify(next));
                setDone(finished.current.size);
            }
        };
        await Promise.all(Array.from({ length: parallel }, work));
        notify("success", fill(t.assignDone, wanted.length));
        navigate(back);
    };
    const hint = tried && !stepIsRight[step] && (
        <div role="alert">
            <Alert type="error">{t.nothingChosen}</Alert>
        </div>
    );
    return (
        <Wizard
            activeStepIndex={step}
            isLoadingNextStep={action.busy}
            i18nStrings={{
                submitButton: common.submit,
                cancelButton: common.cancel,
                nextButton: common.next,
                previousButton: common.previous,
                stepNumberLabel: (number) => fill(common.step, number),
                collapsedStepsLabel: (number, count) => `${fill(common.step, number)} / ${count}`,
                navigationAriaLabel: identity.assign,
            }}
            onNavigate={({ detail }) => {
                if (detail.requestedStepIndex > step && !stepIsRight[step]) return setTried(true);
                setTried(false);
                setStep(detail.requestedStepIndex);
            }}
            onCancel={() => navigate(back)}
            onSubmit={() => void action.run(submit)}
            steps={[
                {
                    title: t.assign1,
                    content: (
                        <SpaceBetween size="m">
                            {hint}
                            <Tabs
                                ariaLabel={t.assign1}
                                tabs={[
                                    {
                                        id: "groups",
                                        label: `${identity.groups}${chosenGroups.length ? ` (${chosenGroups.length})` : ""}`,
                                        content: (
                                            <ResourceTable
                                                title={identity.groups}
                                                loaded={groups}
                                                keyOf={(group) => group.GroupId}
                                                nameOf={(group) => group.DisplayName ?? ""}
                                                selection="multi"
                                                selected={chosenGroups}
                                                onSelect={setChosenGroups}
                                                columns={[
                                                    { id: "name", header: identity.groupName, isName: true, text: (group) => group.DisplayName ?? "", cell: (group) => group.DisplayName },
                                                    { id: "description", header: common.description, cell: (group) => group.Description || "–" },
                                                ]}
                                                empty={{ title: identity.groupsEmpty, text: identity.groupsEmptyText }}
                                            />
                                        ),
                                    },
                                    {
                                        id: "users",
                                        label: `${identity.users}${chosenUsers.length ? ` (${chosenUsers.length})` : ""}`,
                                        content: (
                                            <ResourceTable
                                                title={identity.users}
                                                loaded={users}
                                                keyOf={(user) => user.UserId}
                                                nameOf={(user) => user.UserName}
                                                selection="multi"
                                                selected={chosenUsers}
                                                onSelect={setChosenUsers}
                                                columns={[
                                                    { id: "name", header: identity.username, isName: true, text: (user) => user.UserName, cell: (user) => user.UserName },
                                                    { id: "display", header: identity.displayName, text: (user) => user.DisplayName ?? "", cell: (user) => user.DisplayName ?? "–" },
                                                ]}
                                                empty={{ title: identity.usersEmpty, text: identity.usersEmptyText }}
                                            />
                                        ),
                                    },
                                ]}
                            />
                        </SpaceBetween>
                    ),
                },
                {
                    title: t.assign2,
                    content: (
                        <SpaceBetween size="m">
                            {hint}
                            <ResourceTable
                                title={identity.permissionSets}
                                loaded={sets}
                                keyOf={(set) => set.PermissionSetArn}
                                nameOf={(set) => set.Name}
                                selection="multi"
                                selected={chosenSets}
                                onSelect={setChosenSets}
                                columns={[
                                    { id: "name", header: common.name, isName: true, text: (set) => set.Name, cell: (set) => set.Name },
                                    { id: "description", header: common.description, cell: (set) => set.Description || "–" },
                                ]}
                                empty={{ title: t.setsEmpty, text: t.setsEmptyText }}
                            />
                        </SpaceBetween>
                    ),
                },
                {
                    title: t.assign3,
                    content: (
                        <SpaceBetween size="m">
                            <Facts
                                title={t.assign3}
                                columns={2}
                                facts={[
                                    [t.assignedAccounts, accounts.join(", ")],
                                    [identity.permissionSets, chosenSets.map((set) => set.Name).join(", ")],
                                    [identity.groups, chosenGroups.map((group) => group.DisplayName).join(", ") || common.none],
                                    [identity.users, chosenUsers.map((user) => user.UserName).join(", ") || common.none],
                                ]}
                            />
                            {action.busy && <ProgressBar label={fill(t.assigning, done, wanted.length)} value={(100 * done) / wanted.length} />}
                            <ErrorBox error={action.error} />
                        </SpaceBetween>
                    ),
                },
            ]}
        />
    );
}

export function Assign({ ids = "" }: { ids?: string }): ReactNode {
    const t = useTexts().identity;
    const accounts = ids.split(",").filter((id) => /^\d{12}$/.test(id));
    return (
        <WithCenter title={t.assign}>
            {(api) => <AssignWizard api={api} accounts={accounts} />}
        </WithCenter>
    );
}
