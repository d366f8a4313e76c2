import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState, type ReactNode } from "react";
import { eksApi, type Cluster } from "../../api/eks";
import { ConfirmDialog } from "../../parts/dialog";
import { notify } from "../../parts/flash";
import { formatDate } from "../../parts/format";
import { useLoad, useReloadWhile } from "../../parts/load";
import { Awaiting, Copyable, Facts, Page } from "../../parts/page";
import { navigate } from "../../router";
import { settings } from "../../settings";
import { fill, useTexts } from "../../texts";
import { AccessEntries } from "./access";
import { isUnderWay, State } from "./clusters";
import { Mapping } from "./mapping";
import { Nodegroups } from "./nodes";

function Overview({ cluster }: { cluster: Cluster }): ReactNode {
    const { eks: t, common } = useTexts();
    return (
        <SpaceBetween size="l">
            <Facts
                title={common.details}
                columns={2}
                facts={[
                    [t.endpoint, cluster.endpoint ? <Copyable text={cluster.endpoint} /> : "–"],
                    [t.issuer, cluster.identity?.oidc?.issuer ? <Copyable text={cluster.identity.oidc.issuer} /> : "–"],
                    [t.role, cluster.roleArn ? <Copyable text={cluster.roleArn} /> : "–"],
                    [common.arn, <Copyable text={cluster.arn} />],
                    [t.network, cluster.resourcesVpcConfig?.vpcId || "–"],
                    [common.created, formatDate(cluster.createdAt)],
                ]}
            />
            <Container header={<Header variant="h2">{t.connect}</Header>}>
                <SpaceBetween size="s">
                    <Box>{t.connectText}</Box>
                    <Box variant="code">
                        <Copyable text={`aws eks update-kubeconfig --region ${settings.get().region} --name ${cluster.name}`} />
                    </Box>
                </SpaceBetween>
            </Container>
        </SpaceBetween>
    );
}

export function ClusterPage({ name = "" }: { name?: string }): ReactNode {
    const { eks: t, common } = useTexts();
    const cluster = useLoad(() => eksApi.cluster(name), [name]);
    const [deleting, setDeleting] = useState(false);
    useReloadWhile(isUnderWay(cluster.data?.status), cluster);
    return (
        <Page
            title={name}
            actions={
                cluster.data && (
                    <SpaceBetween direction="horizontal" size="xs">
                        <Button iconName="refresh" ariaLabel={common.refresh} loading={cluster.loading} onClick={() => void cluster.reload()} />
                        <Button onClick={() => setDeleting(true)}>{t.deleteCluster}</Button>
                    </SpaceBetween>
                )
            }
        >
            <Awaiting loaded={cluster}>
                {(shown) => (
                    <SpaceBetween size="l">
                        <Facts
                            title={t.overview}
                            columns={4}
                            facts={[
                                [common.status, <State status={shown.status} />],
                                [t.version, shown.version ?? "–"],
                                [t.authentication, shown.accessConfig?.authenticationMode ?? "CONFIG_MAP"],
                                [common.created, formatDate(shown.createdAt)],
                            ]}
                        />
                        <Tabs
                            ariaLabel={t.overview}
                            tabs={[
                                { id: "overview", label: t.overview, content: <Overview cluster={shown} /> },
                                { id: "nodes", label: t.nodes, content: <Nodegroups cluster={shown} /> },
                                {
                                    id: "access",
                                    label: t.access,
                                    content: (
                                        <SpaceBetween size="l">
                                            {shown.accessConfig?.authenticationMode !== "CONFIG_MAP" && <AccessEntries cluster={name} />}
                                            {shown.accessConfig?.authenticationMode !== "API" && <Mapping cluster={name} />}
                                        </SpaceBetween>
                                    ),
                                },
                            ]}
                        />
                        {deleting && (
                            <ConfirmDialog
                                title={t.deleteCluster}
                                text={fill(t.deleteClusterText, name)}
                                word={name}
                                submit={common.delete}
                                onClose={() => setDeleting(false)}
                                onSubmit={async () => {
                                    await eksApi.call("DeleteCluster", { name });
                                    notify("success", fill(t.clusterDeleted, name));
                                    navigate("/eks/clusters");
                                }}
                            />
                        )}
                    </SpaceBetween>
                )}
            </Awaiting>
        </Page>
    );
}
