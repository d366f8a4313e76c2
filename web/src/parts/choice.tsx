// Choosing several of a list that may be longer than what is loaded: what one types is looked for by the server, too.
import type { MultiselectProps } from "@cloudscape-design/components/multiselect";
import Multiselect from "@cloudscape-design/components/multiselect";
import type { ReactNode } from "react";
import type { Group, User } from "../api/identity";
import { useTexts } from "../texts";
import type { Paged } from "./load";

export type Chosen = readonly MultiselectProps.Option[];

interface ChoiceOf<T> {
    from: Paged<T>;
    without?: ReadonlySet<string>; // of the values: what is chosen already
    chosen: Chosen;
    onChoose: (chosen: Chosen) => void;
}

function Choice<T>({ from, without, chosen, onChoose, optionOf, placeholder, empty }: ChoiceOf<T> & { optionOf: (item: T) => MultiselectProps.Option; placeholder: string; empty: string }): ReactNode {
    const { common } = useTexts();
    return (
        <Multiselect
            selectedOptions={chosen}
            onChange={({ detail }) => onChoose(detail.selectedOptions)}
            options={(from.data ?? []).map(optionOf).filter((option) => !without?.has(option.value!))}
            onLoadItems={({ detail }) => void from.search?.(detail.filteringText)}
            placeholder={placeholder}
            filteringType="auto"
            filteringAriaLabel={common.search}
            empty={empty}
            statusType={from.loading ? "loading" : from.error ? "error" : "finished"}
            errorText={from.error?.message}
        />
    );
}

export function UserChoice(props: ChoiceOf<User>): ReactNode {
    const { identity: t } = useTexts();
    const optionOf = (user: User): MultiselectProps.Option => ({ value: user.UserId, label: user.UserName, description: user.DisplayName, filteringTags: user.Emails?.map(({ Value }) => Value) });
    return <Choice {...props} optionOf={optionOf} placeholder={t.chooseUsers} empty={t.usersEmpty} />;
}

export function GroupChoice(props: ChoiceOf<Group>): ReactNode {
    const { identity: t } = useTexts();
    const optionOf = (group: Group): MultiselectProps.Option => ({ value: group.GroupId, label: group.DisplayName, description: group.Description });
    return <Choice {...props} optionOf={optionOf} placeholder={t.chooseGroups} empty={t.groupsEmpty} />;
}
