/// All that is simulated, group by group. The printed tables, the index and the coverage come from this list.
package enum APIGroups {
    package static let groups: [any APIGroup.Type] = [
        CurrentUserAPI.self, UsersAPI.self, GroupsAPI.self, ServicePrincipalsAPI.self, ServicePrincipalSecretsAPI.self, TokensAPI.self,
        TokenManagementAPI.self, OAuthAPI.self, AccountFederationAPI.self, PermissionsAPI.self, IPAccessListsAPI.self, WorkspaceConfAPI.self,
        SettingsResourcesAPI.self, RuleSetsAPI.self,
        WarehousesAPI.self, WarehouseConfigAPI.self, SQLObjectsAPI.self, LegacyQueriesAPI.self, LegacyAlertsAPI.self, LegacyDashboardsAPI.self,
        LegacySQLPermissionsAPI.self, LakeviewAPI.self, ClustersAPI.self, ComputeResourcesAPI.self, PolicyComplianceAPI.self,
        CommandExecutionAPI.self,
        StatementsAPI.self, SessionsAPI.self, QueryHistoryAPI.self, ThriftAPI.self, ConnectorServiceAPI.self,
        MetastoresAPI.self, CatalogsAPI.self, SchemasAPI.self, TablesAPI.self, VolumesAPI.self,
        FunctionsAPI.self, RegisteredModelsAPI.self, ModelVersionsAPI.self, ModelRegistrationAPI.self, StorageCredentialsAPI.self,
        CredentialsAPI.self,
        ExternalLocationsAPI.self, ConnectionsAPI.self, GrantsAPI.self, WorkspaceBindingsAPI.self, EntityTagAssignmentsAPI.self, PoliciesAPI.self,
        ExternalMetadataAPI.self, SecretObjectsAPI.self,
        SystemSchemasAPI.self, TableConstraintsAPI.self, OnlineTablesAPI.self, DatabaseAPI.self, PostgresAPI.self,
        QualityMonitorsAPI.self, DataQualityAPI.self,
        ArtifactAllowlistsAPI.self, ResourceQuotasAPI.self,
        SecretsAPI.self, WorkspaceAPI.self, JobsAPI.self, RunsAPI.self, JobComplianceAPI.self, PipelinesAPI.self, PipelineUpdatesAPI.self,
        FilesAPI.self, FileLinksAPI.self, DBFSAPI.self, TemporaryCredentialsAPI.self,
        OnlineStoresAPI.self, FeatureEngineeringAPI.self, FeatureTagsAPI.self, FeatureTablesAPI.self, ServingEndpointsAPI.self,
        ServingOptionsAPI.self,
        ServingInsightAPI.self, InvocationsAPI.self, ExternalFunctionAPI.self,
        ExperimentsAPI.self, ExperimentRunsAPI.self, RunLoggingAPI.self, LoggedModelsAPI.self, TrackedArtifactsAPI.self,
        ExperimentIssuesAPI.self,
        ModelRegistryAPI.self,
        SharesAPI.self, RecipientsAPI.self, FederationPoliciesAPI.self, ProvidersAPI.self, DeltaSharingAPI.self,
    ]

    package static let all: [Operation] = groups.flatMap { $0.operations }
}
