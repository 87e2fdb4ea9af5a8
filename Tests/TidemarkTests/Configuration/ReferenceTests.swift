import AWSCore
import Foundation
import TestSupport
import Testing
import Tidemark

/// The article "Configuration reference" says what the code does, since the code writes its table.
@Suite struct ReferenceTests {
    private static let path =
        #filePath.components(separatedBy: "/Tests/")[0]
        + "/Sources/Tidemark/Tidemark.docc/ConfigurationReference.md"
    private static let (begin, end) = ("<!-- settings: begin -->\n", "<!-- settings: end -->")

    @Test func theTableIsTheCodesOwn() throws {
        let text = try String(contentsOfFile: Self.path, encoding: .utf8)
        let before = try #require(text.range(of: Self.begin))
        let after = try #require(text.range(of: Self.end))
        let table = "\n" + TidemarkSetting.reference() + "\n"
        let now = text[..<before.upperBound] + table + text[after.lowerBound...]
        if ProcessInfo.processInfo.environment["TIDEMARK_UPDATE_GOLDEN"] == "1" {
            try now.write(toFile: Self.path, atomically: true, encoding: .utf8)
        }
        #expect(text == now, "TIDEMARK_UPDATE_GOLDEN=1 writes it anew")
    }

    /// The article's blocks in that language.
    private func samples(_ language: String) throws -> [String] {
        try String(contentsOfFile: Self.path, encoding: .utf8).components(separatedBy: "```\(language)\n").dropFirst()
            .map {
                $0.components(separatedBy: "```")[0]
            }
    }

    @Test func theSampleOfSettingsIsRead() throws {
        let home = try TemporaryDirectory()
        let settings = try samples("yaml")
        #expect(settings.count == 1)
        for text in settings {
            let configuration = try TidemarkConfiguration.load(
                file: try home.write(text, to: "s.yaml"),
                environment: ["HOME": home.path, "AWS_EC2_METADATA_DISABLED": "true"])
            #expect(configuration.service == "checkout" && configuration.timeouts.attempt == .milliseconds(800))
        }
    }

    /// A home directory with the article's profile.
    private func profile(_ change: (String) -> String = { $0 }) throws -> (TemporaryDirectory, [String: String]) {
        let home = try TemporaryDirectory()
        let text = try #require(try samples("ini").first)
        try home.write(change(text), to: ".aws/config")
        return (home, ["HOME": home.path, "AWS_EC2_METADATA_DISABLED": "true", "AWS_PROFILE": "shop"])
    }

    /// The endpoint of these variables, and where it comes from.
    private func endpoint(_ variables: [String: String], _ more: [String: String] = [:]) throws -> [String] {
        let configuration = try TidemarkConfiguration.load(environment: variables.merging(more) { $1 })
        let line = configuration.report().lines.first { $0.name == "endpoint" }
        return [configuration.endpoint.url, line?.origin ?? ""]
    }

    @Test func theSampleOfAProfileIsReadInTheOrderThatTheArticleGives() throws {
        let (home, variables) = try profile()
        defer { withExtendedLifetime(home) {} }
        let path = home.path(".aws/config")
        let section = "https://vpce-0123.dynamodb.eu-central-1.vpce.amazonaws.com/"
        #expect(try endpoint(variables) == [section, "[services shop-services] of profile \"shop\" in \(path):8"])
        let sts = try AWSEndpoint.resolve(service: .sts, environment: variables)
        #expect(sts.url == "https://vpce-4567.sts.eu-central-1.vpce.amazonaws.com/")
        let every = ["AWS_ENDPOINT_URL": "https://every.example"]
        #expect(try endpoint(variables, every) == ["https://every.example/", "environment, AWS_ENDPOINT_URL"])
        let dynamoDB = every.merging(["AWS_ENDPOINT_URL_DYNAMODB": "https://own.example"]) { $1 }
        #expect(
            try endpoint(variables, dynamoDB) == ["https://own.example/", "environment, AWS_ENDPOINT_URL_DYNAMODB"])
        // What shall not count is not where the endpoint comes from.
        let ignored = every.merging(["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"]) { $1 }
        #expect(try endpoint(variables, ignored) == ["https://dynamodb.eu-central-1.amazonaws.com/", "default"])
    }

    @Test func theServicesSectionComesBeforeTheProfilesOwnEndpoint() throws {
        let line = "endpoint_url = https://last.example\n"
        let (home, variables) = try profile { $0.replacing("services = ", with: line + "services = ") }
        defer { withExtendedLifetime(home) {} }
        let path = home.path(".aws/config")
        #expect(try endpoint(variables)[1] == "[services shop-services] of profile \"shop\" in \(path):9")
        let (other, own) = try profile { $0.replacing("services = shop-services\n", with: line) }
        defer { withExtendedLifetime(other) {} }
        let place = "profile \"shop\" in \(other.path(".aws/config"))"
        #expect(try endpoint(own) == ["https://last.example/", place])
    }

    @Test func aServicesSectionIsShownWhereTheRestIsWrong() throws {
        let (home, variables) = try profile { $0.replacing("https://vpce-0123", with: "ftp://vpce-0123") }
        defer { withExtendedLifetime(home) {} }
        guard case .failure(let problems) = TidemarkConfiguration.diagnosed(environment: variables) else {
            Issue.record("ftp is no endpoint's scheme")
            return
        }
        let line = problems.report.lines.first { $0.name == "endpoint" }
        #expect(line?.value.hasPrefix("ftp://vpce-0123") == true && line?.isRefused == true)
        #expect(line?.origin == "[services shop-services] of profile \"shop\" in \(home.path(".aws/config")):8")
    }

    @Test func aServicesSectionThatIsNotThereIsAnError() throws {
        let (home, variables) = try profile { $0.replacing("services = shop", with: "services = chop") }
        defer { withExtendedLifetime(home) {} }
        let error = #expect(throws: TidemarkError.self) { try TidemarkConfiguration.load(environment: variables) }
        #expect(error?.message.contains("names [services chop-services], which is not there") == true)
    }

    @Test func noVariableStandsForTwoSettings() {
        let names = TidemarkSetting.all.flatMap(\.variables)
        #expect(Set(names).count == names.count)
        #expect(Set(TidemarkSetting.all.map(\.name)).count == TidemarkSetting.all.count)
        #expect(
            TidemarkSetting.all.allSatisfy {
                $0.about.hasSuffix(".") && !$0.standard.isEmpty && !$0.about.contains("|")
            })
    }
}
