// What one thing holds of others (an account its policies): a list whose chosen ones are taken away again.
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState, type ReactNode } from "react";
import { ErrorBox } from "./errors";
import { useAction } from "./load";
import { ResourceTable, type TableOf } from "./table";

interface Props<T> extends Omit<TableOf<T>, "selected" | "onSelect" | "selection"> {
    remove: string; // the button's name
    onRemove: (chosen: T[]) => Promise<void>;
    canEdit?: boolean;
    actions: ReactNode; // further ones: to add
}

export function HeldTable<T>({ remove, onRemove, canEdit = true, actions, ...table }: Props<T>): ReactNode {
    const [selected, setSelected] = useState<T[]>([]);
    const action = useAction();
    const run = async (): Promise<void> => {
        const done = await action.run(() => onRemove(selected));
        if (done) setSelected([]);
        await table.loaded.reload(); // after an error too: some may be gone
    };
    return (
        <SpaceBetween size="m">
            <ErrorBox error={action.error} />
            <ResourceTable
                {...table}
                selection={canEdit ? "multi" : undefined}
                selected={selected}
                onSelect={setSelected}
                actions={
                    canEdit && (
                        <SpaceBetween direction="horizontal" size="xs">
                            <Button disabled={selected.length === 0} loading={action.busy} onClick={() => void run()}>
                                {remove}
                            </Button>
                            {actions}
                        </SpaceBetween>
                    )
                }
            />
        </SpaceBetween>
    );
}
