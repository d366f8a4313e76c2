// A page that makes one thing: its sections, and the two ways out.
import Button from "@cloudscape-design/components/button";
import Form from "@cloudscape-design/components/form";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState, type ReactNode } from "react";
import { href } from "../router";
import { useTexts } from "../texts";
import { ErrorBox } from "./errors";
import { useAction } from "./load";

interface Props {
    submit: string; // the button's name
    back: string; // the page that Cancel leads to
    isComplete: boolean;
    onSubmit: () => Promise<void>;
    // `tried`: Submit was pressed with something missing: the fields say what.
    children: (tried: boolean) => ReactNode;
}

export function CreateForm({ submit, back, isComplete, onSubmit, children }: Props): ReactNode {
    const t = useTexts().common;
    const [tried, setTried] = useState(false);
    const action = useAction();
    return (
        <form
            noValidate
            onSubmit={(event) => {
                event.preventDefault();
                setTried(true);
                if (isComplete && !action.busy) void action.run(onSubmit);
            }}
        >
            <Form
                actions={
                    <SpaceBetween direction="horizontal" size="xs">
                        <Button variant="link" formAction="none" href={href(back)}>
                            {t.cancel}
                        </Button>
                        <Button variant="primary" loading={action.busy}>
                            {submit}
                        </Button>
                    </SpaceBetween>
                }
            >
                <SpaceBetween size="l">
                    {children(tried)}
                    <ErrorBox error={action.error} />
                </SpaceBetween>
            </Form>
        </form>
    );
}
