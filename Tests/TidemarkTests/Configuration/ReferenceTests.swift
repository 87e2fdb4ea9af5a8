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

    @Test func theSamplesOfFilesAreRead() throws {
        let home = try TemporaryDirectory()
        var variables = ["HOME": home.path, "AWS_EC2_METADATA_DISABLED": "true"]
        let settings = try samples("yaml")
        #expect(settings.count == 1)
        for text in settings {
            let configuration = try TidemarkConfiguration.load(
                file: try home.write(text, to: "s.yaml"), environment: variables)
            #expect(configuration.service == "checkout" && configuration.timeouts.attempt == .milliseconds(800))
        }
        let profiles = try samples("ini")
        #expect(profiles.count == 1)
        variables["AWS_PROFILE"] = "shop"
        for text in profiles {
            try home.write(text, to: ".aws/config")
            let configuration = try TidemarkConfiguration.load(environment: variables)
            #expect(configuration.endpoint.url == "https://vpce-0123.dynamodb.eu-central-1.vpce.amazonaws.com/")
            let line = configuration.report().lines.first { $0.name == "endpoint" }
            #expect(line?.origin.contains("[services shop-services]") == true, "\(line?.origin ?? "")")
            let sts = try AWSEndpoint.resolve(service: .sts, environment: variables)
            #expect(sts.url == "https://vpce-4567.sts.eu-central-1.vpce.amazonaws.com/")
            // In the order that the article gives.
            variables["AWS_ENDPOINT_URL"] = "https://every.example"
            #expect(try TidemarkConfiguration.load(environment: variables).endpoint.url == "https://every.example/")
            variables["AWS_ENDPOINT_URL"] = nil
            try home.write(
                text.replacing("\nservices", with: "\nendpoint_url = https://last.example\nservices"), to: ".aws/config"
            )
            #expect(try TidemarkConfiguration.load(environment: variables).endpoint.url.hasPrefix("https://vpce-0123"))
            try home.write(text.replacing("services = shop", with: "services = chop"), to: ".aws/config")
            let error = #expect(throws: TidemarkError.self) { try TidemarkConfiguration.load(environment: variables) }
            #expect(error?.message.contains("names [services chop-services], which is not there") == true)
        }
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
