import AWSCore
import CurlTransport
import TestSupport
import Testing
import Tidemark

/// What is told of a configuration, to people and to programs.
@Suite struct ReportTests {
    private let home: TemporaryDirectory
    private var variables: [String: String]

    init() throws {
        home = try TemporaryDirectory()
        variables = ["HOME": home.path, "TIDEMARK_ENVIRONMENT": "test", "AWS_EC2_METADATA_DISABLED": "true"]
    }

    @Test func noSecretIsInWhatIsPrinted() throws {
        var variables = variables
        variables["AWS_ACCESS_KEY_ID"] = "AKIAENVIRONMENT"
        variables["AWS_SECRET_ACCESS_KEY"] = "planted-secret"
        variables["AWS_SESSION_TOKEN"] = "planted-session"
        variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "planted-authorization"
        variables["AWS_REGION"] = "eu-west-1"
        func texts(_ value: Any) -> String {
            var dumped = ""
            dump(value, to: &dumped)
            return "\(value)\(String(reflecting: value))\(dumped)"
        }
        #expect(texts(variables).contains("planted"), "the search finds a planted leak")
        var configuration = try TidemarkConfiguration.load(environment: variables)
        configuration.recordsCalls = false
        #expect(!texts(configuration).contains("planted"))
        #expect(!texts(configuration.environmentVariables).contains("planted"))
        #expect(!texts(configuration.report()).contains("planted"))
        #expect(!String(decoding: configuration.report().json, as: UTF8.self).contains("planted"))
        #expect(!texts(try DynamoDBClient(configuration: configuration)).contains("planted"))
    }

    /// What nobody has set is told from what somebody has set to the same, and what is no value from values.
    @Test func theReportForProgramsTellsWhatIsSet() throws {
        var variables = variables
        variables["AWS_REGION"] = "eu-west-1"
        variables["AWS_USE_FIPS_ENDPOINT"] = "false"
        let report = try TidemarkConfiguration.load(environment: variables).report()
        let json = String(decoding: report.json, as: UTF8.self)
        for line in [
            #"{"name":"use-fips-endpoint","value":"false","origin":"environment, AWS_USE_FIPS_ENDPOINT","default":false}"#,
            #"{"name":"use-dualstack-endpoint","value":"false","origin":"default","default":true}"#,
            #"{"name":"call-timeout-ms","value":"10000","origin":"default","default":true}"#,
            #"{"name":"certificate-authorities","value":null,"note":"the system's","origin":"default","default":true}"#,
        ] {
            #expect(json.contains(line), "\(json)")
        }
        #expect(!json.contains("\"("))
        #expect(report.text.contains("(the system's)") && !report.text.contains("(false)"))
        // As much as is known of what is no configuration.
        variables["AWS_REGION"] = nil
        guard case .failure(let problems) = TidemarkConfiguration.diagnosed(environment: variables) else {
            Issue.record("there is no region")
            return
        }
        let known = String(decoding: problems.report.json, as: UTF8.self)
        #expect(
            known.contains(
                #"{"name":"region","value":null,"note":"none: it has to be said","origin":"default","default":true,"refused":true}"#
            ), "\(known)")
    }
}
