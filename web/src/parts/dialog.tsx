// Questions over the page: one to confirm, one with fields.
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState, type ReactNode } from "react";
import { fill, useTexts } from "../texts";
import { ErrorBox } from "./errors";
import { useAction } from "./load";

interface Props {
    title: string;
    children: ReactNode;
    submit: string; // the button's name
    onSubmit: () => Promise<unknown>; // "stay": there is something more to show
    onClose: () => void;
    canSubmit?: boolean;
    size?: "medium" | "large";
}

// Mounted while it is open. Closes itself when the work is done; an error stays in sight.
export function FormDialog({ title, children, submit, onSubmit, onClose, canSubmit = true, size }: Props): ReactNode {
    const t = useTexts().common;
    const action = useAction();
    const send = async (): Promise<void> => {
        if (!canSubmit || action.busy) return;
        let stays = false;
        const done = await action.run(async () => {
            stays = (await onSubmit()) === "stay";
        });
        if (done && !stays) onClose();
    };
    return (
        <Modal visible header={title} closeAriaLabel={t.close} onDismiss={onClose} size={size}>
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    void send();
                }}
            >
                <Form
                    actions={
                        <SpaceBetween direction="horizontal" size="xs">
                            <Button formAction="none" variant="link" onClick={onClose}>
                                {t.cancel}
                            </Button>
                            <Button variant="primary" loading={action.busy} disabled={!canSubmit}>
                                {submit}
                            </Button>
                        </SpaceBetween>
                    }
                >
                    <SpaceBetween size="l">
                        {children}
                        <ErrorBox error={action.error} />
                    </SpaceBetween>
                </Form>
            </form>
        </Modal>
    );
}

interface ConfirmProps {
    title: string;
    text: ReactNode;
    submit: string;
    onSubmit: () => Promise<unknown>;
    onClose: () => void;
    word?: string; // to be typed, where nothing brings back what is removed
}

export function ConfirmDialog({ title, text, submit, onSubmit, onClose, word }: ConfirmProps): ReactNode {
    const t = useTexts().common;
    const [typed, setTyped] = useState("");
    return (
        <FormDialog title={title} submit={submit} onSubmit={onSubmit} onClose={onClose} canSubmit={!word || typed === word}>
            <Box>{text}</Box>
            {word && (
                <FormField label={fill(t.typeToConfirm, word)}>
                    <Input value={typed} onChange={({ detail }) => setTyped(detail.value)} autoComplete={false} />
                </FormField>
            )}
        </FormDialog>
    );
}
