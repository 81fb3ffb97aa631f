/// The fields of the Jobs API's requests with their types.
///
/// Facts: the published Python SDK, 0.162.0 (`service/jobs.py`); the legacy form of a job with one task, whose fields stand beside the settings, is that
/// of the API's version 2.0. `name!` must be there; `[T]` is a list, `{T}` a map from texts, `object` any object.
enum JobSchema {
    static let shared = FieldSchema(text)

    private static let text = """
        SubmitRun: access_control_list=[JobAccessControlRequest] budget_policy_id=string duration_target=string
          email_notifications=JobEmailNotifications environment_variables=[JobEnvironmentVariables] environments=[JobEnvironment]
          git_source=GitSource health=JobsHealthRules idempotency_token=string notification_settings=JobNotificationSettings
          performance_target=PerformanceTarget queue=QueueSettings run_as=JobRunAs run_name=string tasks=[SubmitTask] timeout_seconds=int
          usage_policy_id=string webhook_notifications=WebhookNotifications notebook_task=NotebookTask spark_jar_task=SparkJarTask
          spark_python_task=SparkPythonTask spark_submit_task=SparkSubmitTask sql_task=SqlTask python_wheel_task=PythonWheelTask
          pipeline_task=PipelineTask dbt_task=DbtTask run_job_task=RunJobTask existing_cluster_id=string new_cluster=object libraries=[object]
          max_retries=int min_retry_interval_millis=int retry_on_timeout=bool
        RunNow: dbt_commands=[string] duration_target=string idempotency_token=string jar_params=[string] job_id!=int job_parameters={string}
          notebook_params={string} only=[string] performance_target=PerformanceTarget pipeline_params=PipelineParams python_named_params={string}
          python_params=[string] queue=QueueSettings spark_submit_params=[string] sql_params={string}
        RepairRun: dbt_commands=[string] duration_target=string jar_params=[string] job_parameters={string} latest_repair_id=int
          notebook_params={string} performance_target=PerformanceTarget pipeline_params=PipelineParams python_named_params={string}
          python_params=[string] rerun_all_failed_tasks=bool rerun_dependent_tasks=bool rerun_tasks=[string] run_id!=int
          spark_submit_params=[string] sql_params={string}
        JobSettings: budget_policy_id=string continuous=Continuous deployment=JobDeployment description=string duration_target=string
          edit_mode=JobEditMode email_notifications=JobEmailNotifications environment_variables=[JobEnvironmentVariables]
          environments=[JobEnvironment] format=Format git_source=GitSource health=JobsHealthRules job_clusters=[JobCluster] max_concurrent_runs=int
          name=string notification_settings=JobNotificationSettings parameters=[JobParameterDefinition] parent_path=string
          performance_target=PerformanceTarget queue=QueueSettings run_as=JobRunAs schedule=CronSchedule tags={string} tasks=[Task]
          timeout_seconds=int trigger=TriggerSettings triggers=[TriggerConfiguration] usage_policy_id=string
          webhook_notifications=WebhookNotifications notebook_task=NotebookTask spark_jar_task=SparkJarTask spark_python_task=SparkPythonTask
          spark_submit_task=SparkSubmitTask sql_task=SqlTask python_wheel_task=PythonWheelTask pipeline_task=PipelineTask dbt_task=DbtTask
          run_job_task=RunJobTask existing_cluster_id=string new_cluster=object libraries=[object] max_retries=int min_retry_interval_millis=int
          retry_on_timeout=bool
        SubmitTask: ai_function_task=AiFunctionTask ai_runtime_task=AiRuntimeTask alert_task=AlertTask
          clean_rooms_notebook_task=CleanRoomsNotebookTask compute=Compute condition_task=ConditionTask dashboard_task=DashboardTask
          dbt_cloud_task=DbtCloudTask dbt_platform_task=DbtPlatformTask dbt_task=DbtTask depends_on=[TaskDependency] description=string
          disable_auto_optimization=bool disabled=bool email_notifications=JobEmailNotifications environment_key=string
          environment_variables_key=string existing_cluster_id=string for_each_task=ForEachTask gen_ai_compute_task=GenAiComputeTask
          health=JobsHealthRules libraries=[object] max_retries=int min_retry_interval_millis=int new_cluster=object notebook_task=NotebookTask
          notification_settings=TaskNotificationSettings pipeline_task=PipelineTask power_bi_task=PowerBiTask
          python_operator_task=PythonOperatorTask python_wheel_task=PythonWheelTask retry_on_timeout=bool run_if=RunIf run_job_task=RunJobTask
          spark_jar_task=SparkJarTask spark_python_task=SparkPythonTask spark_submit_task=SparkSubmitTask sql_task=SqlTask task_key!=string
          timeout_seconds=int webhook_notifications=WebhookNotifications
        JobAccessControlRequest: group_name=string permission_level=JobPermissionLevel service_principal_name=string user_name=string
        JobEmailNotifications: no_alert_for_skipped_runs=bool on_duration_warning_threshold_exceeded=[string] on_failure=[string]
          on_maintenance_complete=[string] on_maintenance_start=[string] on_start=[string] on_streaming_backlog_exceeded=[string]
          on_success=[string]
        JobEnvironmentVariables: environment_variables_key!=string spec=JobEnvironmentVariablesSpec
        JobEnvironment: environment_key!=string spec=object
        GitSource: git_branch=string git_commit=string git_provider!=GitProvider git_snapshot=GitSnapshot git_tag=string git_url!=string
          job_source=JobSource sparse_checkout=SparseCheckout
        JobsHealthRules: rules=[JobsHealthRule]
        JobNotificationSettings: no_alert_for_canceled_runs=bool no_alert_for_skipped_runs=bool
        PerformanceTarget = PERFORMANCE_OPTIMIZED STANDARD
        QueueSettings: enabled!=bool
        JobRunAs: group_name=string service_principal_name=string user_name=string
        WebhookNotifications: on_duration_warning_threshold_exceeded=[Webhook] on_failure=[Webhook] on_maintenance_complete=[Webhook]
          on_maintenance_start=[Webhook] on_start=[Webhook] on_streaming_backlog_exceeded=[Webhook] on_success=[Webhook]
        PipelineParams: full_refresh=bool full_refresh_selection=[string] refresh_flow_selection=[string] refresh_selection=[string]
          reset_checkpoint_selection=[string]
        Continuous: maintenance_window=MaintenanceWindow pause_status=PauseStatus task_retry_mode=TaskRetryMode
        JobDeployment: deployment_id=string kind!=JobDeploymentKind metadata_file_path=string version_id=string
        JobEditMode = EDITABLE UI_LOCKED
        Format = MULTI_TASK SINGLE_TASK
        JobCluster: job_cluster_key!=string new_cluster=object serverless_compute=JobClusterServerlessCompute serverless_compute_id=string
        JobParameterDefinition: default!=string name!=string
        CronSchedule: pause_status=PauseStatus quartz_cron_expression!=string sql_condition=SqlConditionConfiguration timezone_id!=string
        Task: ai_function_task=AiFunctionTask ai_runtime_task=AiRuntimeTask alert_task=AlertTask clean_rooms_notebook_task=CleanRoomsNotebookTask
          compute=Compute condition_task=ConditionTask dashboard_task=DashboardTask dbt_cloud_task=DbtCloudTask dbt_platform_task=DbtPlatformTask
          dbt_task=DbtTask depends_on=[TaskDependency] description=string disable_auto_optimization=bool disabled=bool
          email_notifications=TaskEmailNotifications environment_key=string environment_variables_key=string existing_cluster_id=string
          for_each_task=ForEachTask gen_ai_compute_task=GenAiComputeTask health=JobsHealthRules job_cluster_key=string libraries=[object]
          max_retries=int min_retry_interval_millis=int new_cluster=object notebook_task=NotebookTask notification_settings=TaskNotificationSettings
          pipeline_task=PipelineTask power_bi_task=PowerBiTask python_operator_task=PythonOperatorTask python_wheel_task=PythonWheelTask
          retry_on_timeout=bool run_if=RunIf run_job_task=RunJobTask spark_jar_task=SparkJarTask spark_python_task=SparkPythonTask
          spark_submit_task=SparkSubmitTask sql_task=SqlTask task_key!=string timeout_seconds=int webhook_notifications=WebhookNotifications
        TriggerSettings: file_arrival=FileArrivalTriggerConfiguration job_completion=JobCompletionTriggerConfiguration
          model=ModelTriggerConfiguration pause_status=PauseStatus periodic=PeriodicTriggerConfiguration sql_condition=SqlConditionConfiguration
          table_update=TableUpdateTriggerConfiguration
        TriggerConfiguration: continuous=ContinuousTriggerConfiguration file_arrival=FileArrivalTriggerConfiguration
          job_completion=JobCompletionTriggerConfiguration model=ModelTriggerConfiguration pause_status=PauseStatus
          periodic=PeriodicTriggerConfiguration schedule=CronTriggerConfiguration sql_condition=SqlConditionConfiguration
          table_update=TableUpdateTriggerConfiguration
        AiFunctionTask: ai_classify=AiClassifyFunction ai_extract=AiExtractFunction ai_parse_document=AiParseDocumentFunction
          delta_table=DeltaTableSource output!=QualifiedName volume=VolumeSource
        AiRuntimeTask: code_source_path=string deployments!=[DeploymentSpec] docker_image_url=string experiment!=string
          mlflow_artifact_location=string mlflow_experiment_directory=string mlflow_run=string priority_class=AiRuntimeTaskPriorityClass
          unity_catalog_image_path=string
        AlertTask: alert_id=string parameters={string} subscribers=[AlertTaskSubscriber] warehouse_id=string workspace_path=string
        CleanRoomsNotebookTask: clean_room_name!=string etag=string notebook_base_parameters={string} notebook_name!=string
        Compute: hardware_accelerator=string
        ConditionTask: left!=string op!=ConditionTaskOp right!=string
        DashboardTask: dashboard_id=string filters={string} subscription=Subscription warehouse_id=string
        DbtCloudTask: connection_resource_name=string dbt_cloud_job_id=int
        DbtPlatformTask: connection_resource_name=string dbt_platform_job_id=string
        DbtTask: catalog=string commands!=[string] profiles_directory=string project_directory=string schema=string source=Source
          warehouse_id=string
        TaskDependency: outcome=string task_key!=string
        ForEachTask: concurrency=int inputs!=string task!=Task
        GenAiComputeTask: command=string compute=ComputeConfig dl_runtime_image!=string mlflow_experiment_name=string source=Source
          training_script_path=string yaml_parameters=string yaml_parameters_file_path=string
        NotebookTask: base_parameters={string} notebook_path!=string source=Source warehouse_id=string
        TaskNotificationSettings: alert_on_last_attempt=bool no_alert_for_canceled_runs=bool no_alert_for_skipped_runs=bool
        PipelineTask: full_refresh=bool full_refresh_selection=[string] parameters={string} pipeline_id!=string refresh_flow_selection=[string]
          refresh_selection=[string] reset_checkpoint_selection=[string]
        PowerBiTask: connection_resource_name=string power_bi_model=PowerBiModel refresh_after_update=bool tables=[PowerBiTable]
          warehouse_id=string
        PythonOperatorTask: main=string parameters=[PythonOperatorTaskParameter]
        PythonWheelTask: entry_point!=string named_parameters={string} package_name!=string parameters=[string]
        RunIf = ALL_DONE ALL_FAILED ALL_SUCCESS AT_LEAST_ONE_FAILED AT_LEAST_ONE_SUCCESS NONE_FAILED
        RunJobTask: dbt_commands=[string] jar_params=[string] job_id!=int job_parameters={string} notebook_params={string}
          pipeline_params=PipelineParams python_named_params={string} python_params=[string] spark_submit_params=[string] sql_params={string}
        SparkJarTask: jar_uri=string main_class_name=string parameters=[string] run_as_repl=bool
        SparkPythonTask: parameters=[string] python_file!=string source=Source
        SparkSubmitTask: parameters=[string]
        SqlTask: alert=SqlTaskAlert dashboard=SqlTaskDashboard file=SqlTaskFile parameters={string} query=SqlTaskQuery warehouse_id!=string
        JobPermissionLevel = CAN_MANAGE CAN_MANAGE_RUN CAN_VIEW IS_OWNER
        JobEnvironmentVariablesSpec: files=[string] variables={string}
        GitProvider = awsCodeCommit azureDevOpsServices bitbucketCloud bitbucketServer gitHub gitHubEnterprise gitLab gitLabEnterpriseEdition
        GitSnapshot: used_commit=string
        JobSource: dirty_state=JobSourceDirtyState import_from_git_branch!=string job_config_path!=string
        SparseCheckout: patterns=[string]
        JobsHealthRule: metric!=JobsHealthMetric op!=JobsHealthOperator value!=int
        Webhook: id!=string
        MaintenanceWindow: day_of_week!=DayOfWeek start_hour!=int timezone_id!=string
        PauseStatus = PAUSED UNPAUSED
        TaskRetryMode = NEVER ON_FAILURE
        JobDeploymentKind = BUNDLE SYSTEM_MANAGED
        JobClusterServerlessCompute: policy_id=string
        SqlConditionConfiguration: sql_query_id!=string trigger_mode=SqlConditionTriggerMode warehouse_id!=string
        TaskEmailNotifications: no_alert_for_skipped_runs=bool on_duration_warning_threshold_exceeded=[string] on_failure=[string]
          on_maintenance_complete=[string] on_maintenance_start=[string] on_start=[string] on_streaming_backlog_exceeded=[string]
          on_success=[string]
        FileArrivalTriggerConfiguration: min_time_between_triggers_seconds=int url!=string wait_after_last_change_seconds=int
        JobCompletionTriggerConfiguration: if_status=JobCompletionTriggerConfigurationIfStatus
          jobs!=[JobCompletionTriggerConfigurationMonitoredJob]
        ModelTriggerConfiguration: aliases=[string] condition!=ModelTriggerConfigurationCondition min_time_between_triggers_seconds=int
          securable_name=string wait_after_last_change_seconds=int
        PeriodicTriggerConfiguration: interval!=int unit!=PeriodicTriggerConfigurationTimeUnit
        TableUpdateTriggerConfiguration: condition=Condition min_time_between_triggers_seconds=int table_names!=[string]
          wait_after_last_change_seconds=int
        ContinuousTriggerConfiguration: maintenance_window=MaintenanceWindow task_retry_mode=TaskRetryMode
        CronTriggerConfiguration: quartz_cron_expression!=string timezone_id!=string
        AiClassifyFunction: enable_confidence_scores=bool enable_rationales=bool inline_labels=AiClassifyFunctionInlineLabels instructions=string
          multilabel=bool version!=string
        AiExtractFunction: enable_citations=bool enable_confidence_scores=bool instructions=string mode=AiExtractFunctionMode schema=string
          version!=string
        AiParseDocumentFunction: description_element_types=[AiParseDocumentFunctionDescriptionElementType] image_output_path=string
          page_range=string version!=string
        DeltaTableSource: input_column!=string merge_key_columns=[string] table_name!=string
        QualifiedName: catalog=string schema=string table=string
        VolumeSource: volume_path!=string
        DeploymentSpec: command_path=string compute!=ComputeSpec name=string
        AiRuntimeTaskPriorityClass = BEST_EFFORT NORMAL
        AlertTaskSubscriber: destination_id=string user_name=string
        ConditionTaskOp = EQUAL_TO GREATER_THAN GREATER_THAN_OR_EQUAL LESS_THAN LESS_THAN_OR_EQUAL NOT_EQUAL
        Subscription: attachment=SubscriptionAttachment custom_subject=string paused=bool subscribers=[SubscriptionSubscriber]
        Source = GIT WORKSPACE
        ComputeConfig: gpu_node_pool_id=string gpu_type=string num_gpus!=int
        PowerBiModel: authentication_method=AuthenticationMethod model_name=string overwrite_existing=bool storage_mode=StorageMode
          workspace_name=string
        PowerBiTable: catalog=string name=string schema=string storage_mode=StorageMode
        PythonOperatorTaskParameter: name=string value=string
        SqlTaskAlert: alert_id!=string pause_subscriptions=bool subscriptions=[SqlTaskSubscription]
        SqlTaskDashboard: custom_subject=string dashboard_id!=string pause_subscriptions=bool subscriptions=[SqlTaskSubscription]
        SqlTaskFile: path!=string source=Source
        SqlTaskQuery: query_id!=string
        JobSourceDirtyState = DISCONNECTED NOT_SYNCED
        JobsHealthMetric = RUN_DURATION_SECONDS STREAMING_BACKLOG_BYTES STREAMING_BACKLOG_FILES STREAMING_BACKLOG_RECORDS
          STREAMING_BACKLOG_SECONDS
        JobsHealthOperator = GREATER_THAN
        DayOfWeek = FRIDAY MONDAY SATURDAY SUNDAY THURSDAY TUESDAY WEDNESDAY
        SqlConditionTriggerMode = QUERY_RETURNS_ROWS RESULT_VALUE_CHANGES
        JobCompletionTriggerConfigurationIfStatus = DONE FAILED SUCCESS
        JobCompletionTriggerConfigurationMonitoredJob: job_id!=string workspace_id!=string
        ModelTriggerConfigurationCondition = MODEL_ALIAS_SET MODEL_CREATED MODEL_VERSION_READY
        PeriodicTriggerConfigurationTimeUnit = DAYS HOURS MINUTES WEEKS
        Condition = ALL_UPDATED ANY_UPDATED
        AiClassifyFunctionInlineLabels: labels!=[AiClassifyFunctionLabel]
        AiExtractFunctionMode = MODE_PRECISION
        AiParseDocumentFunctionDescriptionElementType = DESCRIPTION_ELEMENT_TYPE_ALL DESCRIPTION_ELEMENT_TYPE_FIGURE
        ComputeSpec: accelerator_count!=int accelerator_type!=ComputeSpecAcceleratorType provisioned_capacity_id=string
        SubscriptionAttachment: data_attachment=SubscriptionAttachmentDataAttachment page_attachment=SubscriptionAttachmentPageAttachment
        SubscriptionSubscriber: destination_id=string user_name=string
        AuthenticationMethod = OAUTH PAT
        StorageMode = DIRECT_QUERY DUAL IMPORT
        SqlTaskSubscription: destination_id=string user_name=string
        AiClassifyFunctionLabel: description=string name!=string
        ComputeSpecAcceleratorType = GPU_1xA10 GPU_1xH100 GPU_8xB300 GPU_8xH100
        SubscriptionAttachmentDataAttachment: file_format!=SubscriptionAttachmentDataAttachmentFileFormat include_applied_filters=bool
          widgets!=[SubscriptionAttachmentDataAttachmentWidget]
        SubscriptionAttachmentPageAttachment: page_ids=[string] page_selection=SubscriptionAttachmentPageAttachmentPageSelection
        SubscriptionAttachmentDataAttachmentFileFormat = FILE_FORMAT_CSV FILE_FORMAT_EXCEL FILE_FORMAT_TSV
        SubscriptionAttachmentDataAttachmentWidget: page_id!=string widget_id!=string
        SubscriptionAttachmentPageAttachmentPageSelection = PAGE_SELECTION_ALL PAGE_SELECTION_SUBSET
        """
}
