import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { ReactNode } from "react";
import { eksApi } from "../../api/eks";
import { formatDate } from "../../parts/format";
import { useLoad, useReloadWhile } from "../../parts/load";
import { Copyable, Page } from "../../parts/page";
import { ResourceTable } from "../../parts/table";
import { href } from "../../router";
import { settings } from "../../settings";
import { useStore } from "../../store";
import { fill, useTexts } from "../../texts";

const createPath = "/eks/clusters/create";

// EKS's own words (ACTIVE, CREATING, ..), coloured by what they mean.
export function State({ status }: { status: string }): ReactNode {
    const type = status === "ACTIVE" ? "success" : /FAILED|DEGRADED/.test(status) ? "error" : /DELETING/.test(status) ? "stopped" : "in-progress";
    return <StatusIndicator type={type}>{status}</StatusIndicator>;
}

export const isUnderWay = (status: string | undefined): boolean => /ING$/.test(status ?? "");

export function Clusters(): ReactNode {
    const { eks: t, common } = useTexts();
    const { region } = useStore(settings);
    const clusters = useLoad(eksApi.clusters, [region]);
    useReloadWhile(clusters.data?.some((cluster) => isUnderWay(cluster.status)) ?? false, clusters);
    return (
        <Page title={t.clusters} description={fill(t.clustersText, region)}>
            <ResourceTable
                title={t.clusters}
                loaded={clusters}
                keyOf={(cluster) => cluster.name}
                columns={[
                    { id: "name", header: common.name, isName: true, text: (cluster) => cluster.name, cell: (cluster) => <Link href={href(`/eks/clusters/${encodeURIComponent(cluster.name)}`)}>{cluster.name}</Link> },
                    { id: "status", header: common.status, text: (cluster) => cluster.status, cell: (cluster) => <State status={cluster.status} /> },
                    { id: "version", header: t.version, text: (cluster) => cluster.version ?? "", cell: (cluster) => cluster.version ?? "–" },
                    { id: "created", header: common.created, text: (cluster) => String(cluster.createdAt ?? ""), cell: (cluster) => formatDate(cluster.createdAt) },
                ]}
                empty={{
                    title: t.empty,
                    text: t.emptyText,
                    action: (
                        <SpaceBetween size="s">
                            <Button href={href(createPath)}>{t.createCluster}</Button>
                            <Box variant="code">
                                <Copyable text={`eksctl create cluster --region ${region}`} />
                            </Box>
                        </SpaceBetween>
                    ),
                }}
                actions={
                    <Button variant="primary" href={href(createPath)}>
                        {t.createCluster}
                    </Button>
                }
            />
        </Page>
    );
}
