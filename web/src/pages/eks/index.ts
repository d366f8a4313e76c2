export { Clusters } from "./clusters";
export { ClusterPage } from "./cluster";
