// The mail outbox.
import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import Modal from "@cloudscape-design/components/modal";
import Alert from "@cloudscape-design/components/alert";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState, type ReactNode } from "react";
import { sekisho } from "../api/identity";
import { formatDate } from "../parts/format";
import { useLoad, usePages } from "../parts/load";
import { Awaiting, Facts, Page } from "../parts/page";
import { ResourceTable } from "../parts/table";
import { fill, useTexts } from "../texts";

interface MailSummary {
    MailId: string;
    Kind: string;
    To: string;
    Subject: string;
    State: "OUTBOX" | "SENT" | "FAILED";
    CreatedDate: number;
    SentDate?: number;
    FailureReason?: string;
}

function MailState({ mail }: { mail: MailSummary }): ReactNode {
    const t = useTexts().records;
    if (mail.State === "SENT") return <StatusIndicator type="success">{t.sentState}</StatusIndicator>;
    if (mail.State === "FAILED") return <StatusIndicator type="error">{`${t.failed}: ${mail.FailureReason ?? ""}`}</StatusIndicator>;
    return <StatusIndicator type="pending">{t.outbox}</StatusIndicator>;
}

function MailDialog({ id, onClose }: { id: string; onClose: () => void }): ReactNode {
    const { records: t, common } = useTexts();
    const mail = useLoad(() => sekisho<{ Mail: MailSummary; Text?: string }>("GetMail", { MailId: id }), [id]);
    return (
        <Modal visible size="large" header={mail.data?.Mail.Subject ?? common.loading} closeAriaLabel={common.close} onDismiss={onClose}>
            <Awaiting loaded={mail}>
                {(shown) => (
                    <SpaceBetween size="m">
                        <Facts
                            title={common.details}
                            facts={[
                                [t.to, shown.Mail.To],
                                [common.status, <MailState mail={shown.Mail} />],
                                [common.created, formatDate(shown.Mail.CreatedDate)],
                            ]}
                        />
                        <pre className="document" tabIndex={0}>
                            {shown.Text}
                        </pre>
                    </SpaceBetween>
                )}
            </Awaiting>
        </Modal>
    );
}

export function Mail(): ReactNode {
    const { records: t, common } = useTexts();
    const [open, setOpen] = useState<string>();
    const status = useLoad(() => sekisho<{ SendsMail?: boolean }>("GetStatus"));
    const mail = usePages(async (next) => {
        const page = await sekisho<{ Mail: MailSummary[]; NextToken?: string }>("ListMail", { NextToken: next });
        return { items: page.Mail, next: page.NextToken };
    });
    const newestFirst = mail.data?.toSorted((a, b) => b.CreatedDate - a.CreatedDate);
    return (
        <Page title={common.mail} description={t.mailAbout}>
            {status.data?.SendsMail === false && <Alert type="info" statusIconAriaLabel={common.info}>{t.mailNotSent}</Alert>}
            <ResourceTable
                title={common.mail}
                loaded={{ ...mail, data: newestFirst }}
                keyOf={(item) => item.MailId}
                nameOf={(item) => item.Subject}
                columns={[
                    {
                        id: "subject",
                        header: t.subject,
                        isName: true,
                        text: (item) => item.Subject,
                        cell: (item) => (
                            <Link ariaLabel={fill(t.show, item.Subject)} onFollow={() => setOpen(item.MailId)}>
                                {item.Subject}
                            </Link>
                        ),
                    },
                    { id: "to", header: t.to, text: (item) => item.To, cell: (item) => item.To },
                    { id: "kind", header: t.kind, text: (item) => item.Kind, cell: (item) => <Box color="text-body-secondary">{item.Kind}</Box> },
                    { id: "state", header: common.status, text: (item) => item.State, cell: (item) => <MailState mail={item} /> },
                    { id: "created", header: common.created, text: (item) => String(item.CreatedDate), cell: (item) => formatDate(item.CreatedDate) },
                ]}
                empty={{ title: t.mailEmpty, text: t.mailEmptyText }}
            />
            {open && <MailDialog id={open} onClose={() => setOpen(undefined)} />}
        </Page>
    );
}
