internal import AWSCore
public import ContractModel
public import Tidemark

/// Asks AWS how tables are. What the credentials may not ask is told as such and fails nothing.
public struct TableSurvey: Sendable {
    private let client: DynamoDBClient
    private let settings: DeploymentSettings

    /// - Parameter settings: what is wanted: what nobody wants is not asked for, and needs no permission.
    public init(client: DynamoDBClient, settings: DeploymentSettings = DeploymentSettings()) {
        self.client = client
        self.settings = settings
    }

    /// What is known of each table of the contract, by its name.
    ///
    /// - Throws: what no table can be asked because of: no network, no credentials, no such account.
    public func states(of contract: MigrationContract) async throws(TidemarkError) -> [String: TableState] {
        var states: [String: TableState] = [:]
        for table in contract.tables { states[table.name] = try await state(of: table) }
        return states
    }

    /// What is known of one table.
    public func state(of table: ContractTable) async throws(TidemarkError) -> TableState {
        let name = table.name
        let description: TableDescription
        do {
            description = try await client.describeTable(name)
        } catch {
            switch error.code {
            case .notFound: return .missing
            case .accessDenied: return .notAllowed
            default: throw error
            }
        }
        var live = LiveTable(description)
        let wanted = settings.values(of: table)
        if wanted.isRecoverable ?? true {
            live.isRecoverable = try await told("dynamodb:DescribeContinuousBackups") {
                () async throws(TidemarkError) in
                try await client.describeContinuousBackups(name).isPointInTimeRecoveryEnabled
            }
        }
        if wanted.timeToLive != nil {
            live.timeToLive = try await told("dynamodb:DescribeTimeToLive") { () async throws(TidemarkError) in
                let told = try await client.describeTimeToLive(name)
                return told.status.hasPrefix("ENABL") ? told.attribute ?? "" : ""
            }
        }
        if !wanted.tags.isEmpty {
            if let arn = live.arn {
                live.tags = try await told("dynamodb:ListTagsOfResource") { () async throws(TidemarkError) in
                    try await client.tags(ofResource: arn)
                }
            } else {
                live.tags = .unavailable("the server does not tell the table's ARN")
            }
        }
        return .present(live)
    }

    private func told<Value: Sendable>(
        _ action: String, ask: () async throws(TidemarkError) -> Value
    ) async throws(TidemarkError) -> Told<Value> {
        do {
            return .told(try await ask())
        } catch {
            switch error.code {
            case .accessDenied: return .notAllowed(action: action)
            // A local server that does not know the operation, or a region that does not offer it.
            case .validation, .client, .notFound, .malformedResponse: return .unavailable(error.plainReason)
            default: throw error
            }
        }
    }
}

extension TidemarkError {
    /// AWS's own words, without where and how often: the report says where itself.
    var plainReason: String {
        let text = underlying?.message ?? message
        return text.isEmpty ? code.description : text
    }
}
