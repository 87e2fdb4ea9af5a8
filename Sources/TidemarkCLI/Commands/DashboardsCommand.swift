import AWSCore
import ArgumentParser
import CloudWatch
import ContractEngine
import Monitoring

struct DashboardsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboards",
        abstract: "A CloudWatch dashboard from the contract: demand beside what is used, throttles, latency, hot keys.",
        subcommands: [Render.self, Apply.self])

    struct Render: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the dashboard's JSON.",
            discussion: """
                Example: tidemark dashboards render migrationContract.json --patterns access_patterns_with_rps.md \
                --model dynamodb_data_model.md --service shop --environment production --region eu-west-1
                """)

        @OptionGroup var options: DashboardOptions

        func run() async throws {
            let region = try AWSEndpoint.resolveRegion(
                explicit: options.aws.region, environment: options.aws.variables(for: .cloudWatch))
            print(String(decoding: try options.body(region: region), as: UTF8.self))
        }
    }

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put the dashboard into CloudWatch, in place of one with the same name.",
            discussion: """
                Example: tidemark dashboards apply migrationContract.json --patterns access_patterns_with_rps.md \
                --model dynamodb_data_model.md --service shop --environment production
                """)

        @OptionGroup var options: DashboardOptions

        func run() async throws {
            let client = try options.aws.cloudWatch()
            let name = Dashboard.name(scope: options.monitoringScope)
            let body = try options.body(region: client.caller.endpoint.region)
            let messages = try await client.putDashboard(name: name, body: body)
            for message in messages { Terminal.printError("CloudWatch says of \(message.path): \(message.message)") }
            print("Dashboard \(name) is in CloudWatch (\(body.count) bytes).")
        }
    }
}

/// What the dashboard commands share.
struct DashboardOptions: ParsableArguments {
    @OptionGroup var contract: ContractOptions
    @OptionGroup var assumptions: AssumptionOptions
    @OptionGroup var scope: ScopeOptions
    @OptionGroup var aws: AWSOptions

    func validate() throws { try scope.requireService() }

    var monitoringScope: MonitoringScope {
        MonitoringScope(service: scope.serviceName, environment: scope.environmentName)
    }

    func body(region: String) throws -> [UInt8] {
        let document = try contract.load()
        let demand = capacity(of: document, assuming: try assumptions.load(for: document))
        return try Dashboard.render(capacity: demand, scope: monitoringScope, region: region)
    }
}
