// The frame of one page: its title (also the window's), what it is for, and its actions.
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Container from "@cloudscape-design/components/container";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Box from "@cloudscape-design/components/box";
import { useEffect, type ReactNode } from "react";
import { Store } from "../store";
import { useTexts } from "../texts";
import { ErrorBox } from "./errors";
import type { Loaded } from "./load";

interface Props {
    title: string;
    description?: ReactNode;
    actions?: ReactNode;
    children: ReactNode;
}

// What the page is called, for the window and the breadcrumbs.
export const pageTitle = new Store("");

export function useTitle(title: string): void {
    const { product } = useTexts().common;
    useEffect(() => {
        document.title = `${title} | ${product}`;
        pageTitle.set(title);
    }, [title, product]);
}

export function Loading(): ReactNode {
    const t = useTexts().common;
    return (
        <div data-testid="loading">
            <Box textAlign="center" padding="xxl">
                <Spinner size="large" /> {t.loading}
            </Box>
        </div>
    );
}

export function Page({ title, description, actions, children }: Props): ReactNode {
    useTitle(title);
    return (
        <ContentLayout
            header={
                <Header variant="h1" description={description} actions={actions}>
                    {title}
                </Header>
            }
        >
            <SpaceBetween size="l">{children}</SpaceBetween>
        </ContentLayout>
    );
}

export function Facts({ title, facts, actions, columns = 3 }: {
    title: string;
    facts: [string, ReactNode][];
    actions?: ReactNode;
    columns?: number;
}): ReactNode {
    return (
        <Container
            header={
                <Header variant="h2" actions={actions}>
                    {title}
                </Header>
            }
        >
            <KeyValuePairs columns={columns} items={facts.map(([label, value]) => ({ label, value }))} />
        </Container>
    );
}

// A long name to be read and taken along.
export function Copyable({ text }: { text: string }): ReactNode {
    const t = useTexts().common;
    return (
        <CopyToClipboard
            variant="inline"
            textToCopy={text}
            copyButtonAriaLabel={t.copy}
            copySuccessText={t.copied}
            copyErrorText={t.copyFailed}
        />
    );
}

// What a page shows until its subject is there.
export function Awaiting<T>({ loaded, children }: { loaded: Loaded<T>; children: (data: T) => ReactNode }): ReactNode {
    if (loaded.data !== undefined) return children(loaded.data);
    if (loaded.error) return <ErrorBox error={loaded.error} retry={() => void loaded.reload()} />;
    return <Loading />;
}
