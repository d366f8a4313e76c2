export { Clusters } from "./clusters";
export { ClusterPage } from "./cluster";
export { CreateCluster } from "./create_cluster";
export { CreateNodegroup } from "./create_nodegroup";
