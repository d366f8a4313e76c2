// Errors in words: what went wrong for a person, AWS's own sentence, and what to do next.
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import { Component, type ReactNode } from "react";
import type { AwsError } from "../aws/error";
import { fill, useTexts, type Texts } from "../texts";

function titleOf(error: AwsError, t: Texts["common"]): string {
    if (error.isDenied) return t.deniedTitle;
    if (error.status === 0) return t.networkTitle;
    if (error.isMissing) return t.missingTitle;
    if (/Throttl|TooManyRequests/.test(error.code)) return t.throttledTitle;
    return t.failedTitle;
}

export function ErrorBox({ error, retry }: { error: AwsError | undefined; retry?: () => void }): ReactNode {
    const t = useTexts().common;
    if (!error) return null;
    const hint = error.isDenied ? t.deniedHint : error.status === 0 ? t.networkHint : "";
    return (
        <Alert
            type={error.isDenied ? "warning" : "error"}
            statusIconAriaLabel={error.isDenied ? t.warning : t.error}
            header={titleOf(error, t)}
            action={retry && <Button onClick={retry}>{t.retry}</Button>}
        >
            <div lang="en" data-testid="aws-message">
                {error.message}
            </div>
            {hint && <Box variant="p">{hint}</Box>}
            {error.requestId && (
                <Box variant="small" color="text-body-secondary">
                    {error.code} · {fill(t.requestId, error.requestId)}
                </Box>
            )}
        </Alert>
    );
}

// A page that throws must not take the frame with it.
export class Guard extends Component<{ children: ReactNode; title: string; place: string }, { failed?: Error; place: string }> {
    override state: { failed?: Error; place: string } = { place: this.props.place };
    static getDerivedStateFromError(failed: Error): { failed: Error } {
        return { failed };
    }
    static getDerivedStateFromProps(props: { place: string }, state: { place: string }): object | null {
        return props.place === state.place ? null : { place: props.place, failed: undefined };
    }
    override render(): ReactNode {
        if (!this.state.failed) return this.props.children;
        return (
            <Alert type="error" header={this.props.title}>
                {this.state.failed.message}
            </Alert>
        );
    }
}
