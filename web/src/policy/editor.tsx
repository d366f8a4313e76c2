// The JSON editor of every policy: line numbers, errors as one types, and what it allows in words.
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useId, useRef, useState, type ReactNode } from "react";
import { ErrorBox } from "../parts/errors";
import { useAction } from "../parts/load";
import { fill, useTexts } from "../texts";
import { checkPolicy, type PolicyKind, type Problem } from "./check";
import { policyInWords } from "./words";

interface Props {
    value: string;
    onChange: (value: string) => void;
    kind: PolicyKind;
    label?: string;
}

// Whether the editor's form may be sent. The server judges for itself.
export function useProblems(value: string, kind: PolicyKind): Problem[] {
    return checkPolicy(value, kind, useTexts().policy);
}
export function isSendable(problems: Problem[]): boolean {
    return problems.every((problem) => problem.isWarning);
}

export function PolicyEditor({ value, onChange, kind, label }: Props): ReactNode {
    const t = useTexts().policy;
    const id = useId();
    const numbers = useRef<HTMLDivElement>(null);
    const problems = useProblems(value, kind);
    const bad = new Set(problems.filter((problem) => !problem.isWarning).map((problem) => problem.line));
    const lines = value.split("\n").length;
    const format = (): void => onChange(JSON.stringify(JSON.parse(value), null, 2));
    return (
        <SpaceBetween size="s">
            <SpaceBetween direction="horizontal" size="m" alignItems="center">
                <label htmlFor={id}>
                    <Box variant="awsui-key-label">{label ?? t.editor}</Box>
                </label>
                <Button variant="inline-link" formAction="none" disabled={!isSendable(problems)} onClick={format}>
                    {t.format}
                </Button>
            </SpaceBetween>
            <div className="policy-editor">
                <div className="lines" aria-hidden="true" ref={numbers}>
                    {Array.from({ length: lines }, (_, index) => (
                        <div key={index}>
                            <span className={bad.has(index + 1) ? "bad" : undefined}>{index + 1}</span>
                        </div>
                    ))}
                </div>
                <textarea
                    id={id}
                    value={value}
                    rows={Math.min(Math.max(lines + 1, 12), 30)}
                    spellCheck={false}
                    autoCapitalize="none"
                    aria-invalid={bad.size > 0}
                    aria-describedby={`${id}-problems`}
                    onChange={(event) => onChange(event.target.value)}
                    onScroll={(event) => {
                        if (numbers.current) numbers.current.scrollTop = event.currentTarget.scrollTop;
                    }}
                />
            </div>
            <div id={`${id}-problems`} role="status" data-testid="policy-problems">
                {problems.length === 0 ? (
                    <StatusIndicator type="success">{t.valid}</StatusIndicator>
                ) : (
                    problems.map((problem) => (
                        <div key={`${problem.line} ${problem.text}`}>
                            <StatusIndicator type={problem.isWarning ? "warning" : "error"}>{fill(t.line, problem.line, problem.text)}</StatusIndicator>
                        </div>
                    ))
                )}
            </div>
            <PolicyWords document={value} />
        </SpaceBetween>
    );
}

export function PolicyWords({ document }: { document: string }): ReactNode {
    const t = useTexts().policy;
    const sentences = policyInWords(document, t);
    if (sentences.length === 0) return null;
    return (
        <div data-testid="policy-words">
            <Alert type={sentences.some((sentence) => sentence.isDangerous) ? "warning" : "info"} header={t.inWords}>
                {sentences.map((sentence, index) => (
                    <div key={index}>
                        {sentence.text}
                        {sentence.isDangerous ? ` ${t.dangerous}` : ""}
                    </div>
                ))}
            </Alert>
        </div>
    );
}

// A document being written, until it is saved or given up.
export function PolicyDraft({ title, label, start, kind, onSave, onClose }: {
    title: string;
    label?: string;
    start: string;
    kind: PolicyKind;
    onSave: (document: string) => Promise<void>;
    onClose: () => void;
}): ReactNode {
    const { common } = useTexts();
    const [draft, setDraft] = useState(start);
    const problems = useProblems(draft, kind);
    const action = useAction();
    const save = async (): Promise<void> => {
        if (await action.run(() => onSave(draft))) onClose();
    };
    return (
        <Container header={<Header variant="h2">{title}</Header>}>
            <SpaceBetween size="m">
                <PolicyEditor value={draft} onChange={setDraft} kind={kind} label={label} />
                <ErrorBox error={action.error} />
                <SpaceBetween direction="horizontal" size="xs">
                    <Button variant="link" onClick={onClose}>
                        {common.cancel}
                    </Button>
                    <Button variant="primary" loading={action.busy} disabled={!isSendable(problems)} onClick={() => void save()}>
                        {common.save}
                    </Button>
                </SpaceBetween>
            </SpaceBetween>
        </Container>
    );
}

// A document to read: the text, and its words.
export function PolicyView({ document, title, actions }: { document: string; title: string; actions?: ReactNode }): ReactNode {
    return (
        <Container
            header={
                <Header variant="h2" actions={actions}>
                    {title}
                </Header>
            }
        >
            <SpaceBetween size="m">
                <PolicyWords document={document} />
                <pre className="document" tabIndex={0}>
                    {document}
                </pre>
            </SpaceBetween>
        </Container>
    );
}

export const emptyPolicy = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [],
      "Resource": "*"
    }
  ]
}`;
