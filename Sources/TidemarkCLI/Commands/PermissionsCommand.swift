import ArgumentParser
import ContractEngine
import ContractModel
import Monitoring

struct PermissionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "permissions",
        abstract: "Print the smallest IAM policy with which a service, the agent or a person can work.",
        subcommands: [Service.self, Agent.self, Operator.self, Tables.self])

    struct Service: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "A service: exactly the calls by which the contract's patterns are carried out.",
            discussion: """
                On each table and index the operations that generated repositories call, and what keeps unique values besides; no Scan \
                where no pattern needs one, and nothing on tables that no pattern touches. What the documents leave open is \
                concluded as 'tidemark contract capacity' prints it: read that first.

                Example: tidemark permissions service migrationContract.json --patterns access_patterns_with_rps.md \
                --model dynamodb_data_model.md --region eu-west-1 --account 123456789012 > service-policy.json
                """)

        @OptionGroup var contract: ContractOptions
        @OptionGroup var place: PolicyPlace

        func run() throws {
            let document = try contract.load()
            let policy = IAMPolicy.runtime(
                of: document, partition: place.partition, region: place.region, account: place.account)
            guard !policy.statements.isEmpty else {
                throw CommandFailure(
                    .usage,
                    "no pattern of \(contract.contract) says what it does in DynamoDB: give --patterns, --model or --mapping"
                )
            }
            print(policy.json(), terminator: "")
        }
    }

    struct Agent: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The agent: it puts metrics into its own namespace, and nothing else.",
            discussion: "Example: tidemark permissions agent > agent-policy.json")

        func run() { print(IAMPolicy.agent.json(), terminator: "") }
    }

    struct Operator: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "operator", abstract: "Who runs 'tidemark alarms' and 'tidemark dashboards'.",
            discussion: "Example: tidemark permissions operator --region eu-west-1 --account 123456789012")

        @OptionGroup var place: PolicyPlace

        func run() {
            let policy = IAMPolicy.operatorPolicy(
                partition: place.partition, region: place.region, account: place.account)
            print(policy.json(), terminator: "")
        }
    }

    struct Tables: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Who runs 'tidemark tables', on the contract's tables or on any.",
            discussion: "Example: tidemark permissions tables migrationContract.json --region eu-west-1")

        @Argument(help: "The migration contract (JSON); without it, any table.")
        var contract: String?
        @OptionGroup var place: PolicyPlace

        func run() throws {
            let names =
                try contract.map { try ContractDocument.load(contractPath: $0).contract.tables.map(\.name) } ?? ["*"]
            let policy = IAMPolicy.tables(
                names, partition: place.partition, region: place.region, account: place.account)
            print(policy.json(), terminator: "")
        }
    }
}

/// Where the resources of a policy are.
struct PolicyPlace: ParsableArguments {
    @Option(help: "aws, aws-cn or aws-us-gov.") var partition = "aws"
    @Option(help: "The region of the resources; * for any.") var region = "*"
    @Option(help: "The account's number; * for any.") var account = "*"

    func validate() throws {
        guard ["aws", "aws-cn", "aws-us-gov"].contains(partition) else {
            throw ValidationError("--partition is '\(partition)': give aws, aws-cn or aws-us-gov")
        }
        guard account == "*" || account.count == 12 && account.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            throw ValidationError("--account is '\(account)': give its 12 digits, or * for any")
        }
        guard
            region == "*"
                || region.contains("-")
                    && region.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
        else { throw ValidationError("--region is '\(region)': give one such as eu-west-1, or * for any") }
    }
}
