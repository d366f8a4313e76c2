// Who did what: the audit trail, person first.
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState, type ReactNode } from "react";
import { sekisho } from "../api/identity";
import { formatDate } from "../parts/format";
import { useLoad } from "../parts/load";
import { Facts, Page } from "../parts/page";
import { ResourceTable } from "../parts/table";
import { fill, useTexts } from "../texts";

interface ActivityEvent {
    EventId: string;
    EventTime: number;
    EventName: string;
    EventSource: string;
    UserName?: string;
    PrincipalArn?: string;
    AccountId?: string;
    Region?: string;
    SourceAddress?: string;
    ErrorCode?: string;
    ErrorMessage?: string;
    ReadOnly?: boolean;
    Resources?: string[];
    Record?: string;
}

interface Filter {
    user: string;
    event: string;
    changes: boolean;
    failures: boolean;
}

const everything: Filter = { user: "", event: "", changes: true, failures: false };
const wanted = 100; // events shown at first, and with each "more"
const callsMax = 10; // a rare filter reads long

async function read(filter: Filter, from?: string): Promise<{ events: ActivityEvent[]; next?: string }> {
    const events: ActivityEvent[] = [];
    let next = from;
    for (let calls = 0; calls < callsMax; calls++) {
        const page = await sekisho<{ Events: ActivityEvent[]; NextToken?: string }>("ListActivity", {
            UserName: filter.user || undefined,
            EventName: filter.event || undefined,
            ChangesOnly: filter.changes || undefined,
            FailuresOnly: filter.failures || undefined,
            MaxResults: wanted,
            NextToken: next,
        });
        events.push(...page.Events);
        next = page.NextToken;
        if (!next || events.length >= wanted) break;
    }
    return { events, next };
}

function Details({ event, onClose }: { event: ActivityEvent; onClose: () => void }): ReactNode {
    const { records: t, common } = useTexts();
    return (
        <Modal visible size="large" header={event.EventName} closeAriaLabel={common.close} onDismiss={onClose}>
            <SpaceBetween size="m">
                {event.ErrorCode && (
                    <Alert type="error" statusIconAriaLabel={common.error} header={event.ErrorCode}>
                        {event.ErrorMessage}
                    </Alert>
                )}
                <Facts
                    title={common.details}
                    facts={[
                        [t.who, event.UserName ?? common.unknown],
                        [t.when, formatDate(event.EventTime)],
                        [t.service, event.EventSource],
                        [common.account, event.AccountId ?? "–"],
                        [common.region, event.Region ?? "–"],
                        [t.address, event.SourceAddress ?? "–"],
                        [t.principal, event.PrincipalArn ?? "–"],
                        [t.resources, event.Resources?.join(", ") || "–"],
                        [common.id, event.EventId],
                    ]}
                />
                <pre className="document" tabIndex={0} aria-label={t.record}>
                    {JSON.stringify(JSON.parse(event.Record ?? "{}"), null, 2)}
                </pre>
            </SpaceBetween>
        </Modal>
    );
}

export function Activity(): ReactNode {
    const { records: t, common } = useTexts();
    const [draft, setDraft] = useState(everything);
    const [filter, setFilter] = useState(everything);
    const [older, setOlder] = useState<ActivityEvent[]>([]);
    const [next, setNext] = useState<string>();
    const [open, setOpen] = useState<ActivityEvent>();
    const loaded = useLoad(async () => {
        setOlder([]);
        const page = await read(filter);
        setNext(page.next);
        return page.events;
    }, [filter]);
    const more = async (): Promise<void> => {
        const page = await read(filter, next);
        setOlder((before) => [...before, ...page.events]);
        setNext(page.next);
    };
    return (
        <Page title={common.activity} description={t.activityAbout}>
            <Container>
                <form
                    onSubmit={(event) => {
                        event.preventDefault();
                        setFilter({ ...draft });
                    }}
                >
                    <SpaceBetween size="m">
                        <ColumnLayout columns={2}>
                            <FormField label={t.who}>
                                <Input value={draft.user} placeholder={t.whoHint} onChange={({ detail }) => setDraft({ ...draft, user: detail.value.trim() })} autoComplete={false} spellcheck={false} />
                            </FormField>
                            <FormField label={t.event}>
                                <Input value={draft.event} placeholder="CreateAccessKey" onChange={({ detail }) => setDraft({ ...draft, event: detail.value.trim() })} autoComplete={false} spellcheck={false} />
                            </FormField>
                        </ColumnLayout>
                        <SpaceBetween direction="horizontal" size="l" alignItems="center">
                            <Checkbox checked={draft.changes} onChange={({ detail }) => setDraft({ ...draft, changes: detail.checked })}>
                                {t.changesOnly}
                            </Checkbox>
                            <Checkbox checked={draft.failures} onChange={({ detail }) => setDraft({ ...draft, failures: detail.checked })}>
                                {t.failuresOnly}
                            </Checkbox>
                            <Button formAction="submit">{t.apply}</Button>
                        </SpaceBetween>
                    </SpaceBetween>
                </form>
            </Container>
            <ResourceTable
                title={common.activity}
                filter={false}
                loaded={{ ...loaded, data: loaded.data && [...loaded.data, ...older], hasMore: next !== undefined, more }}
                keyOf={(event) => event.EventId}
                columns={[
                    { id: "who", header: t.who, isName: true, cell: (event) => event.UserName ?? event.PrincipalArn ?? common.unknown },
                    {
                        id: "what",
                        header: t.event,
                        cell: (event) => (
                            <>
                                <Link ariaLabel={fill(t.showEvent, event.EventName)} onFollow={() => setOpen(event)}>
                                    {event.EventName}
                                </Link>
                                <Box color="text-body-secondary" fontSize="body-s">
                                    {event.EventSource.split(".")[0]}
                                </Box>
                            </>
                        ),
                    },
                    {
                        id: "result",
                        header: t.result,
                        cell: (event) =>
                            event.ErrorCode ? <StatusIndicator type="error" wrapText={false}>{event.ErrorCode}</StatusIndicator> : <StatusIndicator type="success" wrapText={false}>{t.allowed}</StatusIndicator>,
                    },
                    { id: "when", header: t.when, cell: (event) => <span className="nowrap">{formatDate(event.EventTime)}</span> },
                    { id: "account", header: common.account, cell: (event) => event.AccountId ?? "–" },
                ]}
                empty={{ title: t.activityEmpty, text: t.activityEmptyText }}
            />
            {open && <Details event={open} onClose={() => setOpen(undefined)} />}
        </Page>
    );
}
