import AWSCore
import ContractModel
import Telemetry
import TestSupport
import Testing
import Tidemark

struct ConfigurationTests {
    private static let variables = [
        "AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:4566", "AWS_MAX_ATTEMPTS": "2",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "TIDEMARK_SERVICE": "checkout",
        "TIDEMARK_ENVIRONMENT": "test", "TIDEMARK_DIR": "/nowhere", "HOME": "/nonexistent",
    ]

    @Test func theEnvironmentSaysEverything() async throws {
        let configuration = try TidemarkConfiguration.fromEnvironment(Self.variables)
        #expect(configuration.endpoint.url == "http://127.0.0.1:4566/")
        #expect(configuration.endpoint.region == "eu-central-1")
        #expect(configuration.service == "checkout")
        #expect(configuration.environment == "test")
        #expect(configuration.telemetryDirectory == "/nowhere")
        #expect(configuration.retry.maximumAttempts == 2)
        let keys = try await configuration.credentials.credentials(now: Timestamp(secondsSince1970: 0))
        #expect(keys.accessKeyID == "AKIDEXAMPLE")
    }

    @Test func namesHaveDefaults() throws {
        let configuration = try TidemarkConfiguration.fromEnvironment([
            "AWS_REGION": "eu-central-1", "HOME": "/nonexistent",
        ])
        #expect(!configuration.service.isEmpty)
        #expect(configuration.environment == "default")
    }

    @Test(arguments: [
        ("AWS_REGION", "", "AWS_REGION"), ("AWS_MAX_ATTEMPTS", "many", "AWS_MAX_ATTEMPTS"),
        ("AWS_MAX_ATTEMPTS", "0", "AWS_MAX_ATTEMPTS"), ("TIDEMARK_SERVICE", "caf\u{e9}", "TIDEMARK_SERVICE"),
        ("TIDEMARK_ENVIRONMENT", "   ", "TIDEMARK_ENVIRONMENT"),
        ("AWS_ENDPOINT_URL_DYNAMODB", "nonsense", "AWS_ENDPOINT_URL"),
    ])
    func aWrongVariableIsNamed(variable: String, value: String, named: String) throws {
        var variables = Self.variables
        variables[variable] = value
        let error = #expect(throws: TidemarkError.self) { try TidemarkConfiguration.fromEnvironment(variables) }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains(named) == true)
    }

    @Test func aClientWithoutATelemetryDirectoryServesAllTheSame() async throws {
        var configuration = try TidemarkConfiguration.fromEnvironment(Self.variables)
        configuration.telemetryDirectory = "/proc/nowhere"
        let client = try DynamoDBClient(configuration: configuration)
        guard case .degraded = client.telemetry.status else {
            Issue.record("it records")
            return
        }
        await client.shutdown()
        let error = await failure { () throws(TidemarkError) in
            _ = try await client.getItem(table: "T", key: ["id": "1"])
        }
        #expect(error.code == .client)
    }

    @Test func theContractsPatternsHaveTheirSeriesFromTheStart() async throws {
        let directory = try TemporaryDirectory()
        var configuration = try TidemarkConfiguration.fromEnvironment(Self.variables)
        configuration.telemetryDirectory = directory.path
        configuration.patterns = [
            AccessPattern(
                id: "AP1", operations: [PatternOperation(operation: "Query", table: "Orders", index: "ByCustomer")])
        ]
        let client = try DynamoDBClient(configuration: configuration)
        guard case .recording(let path) = client.telemetry.status else {
            Issue.record("it does not record")
            return
        }
        let keys = try TelemetryReader(path: path).snapshot().series.map(\.key)
        #expect(keys.contains(SeriesKey(table: "Orders", index: "ByCustomer", operation: "Query", pattern: "AP1")))
        await client.shutdown()
    }
}
