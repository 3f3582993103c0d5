# R's MatchIt on the same people: Rscript matchit.R STEM PEOPLE WAY. Reads STEM.x (double, people × 8) and STEM.i (int, people × 2:
# treated, stratum), writes STEM.pairs (int, treated and control by row) and prints the seconds of matchit() alone and its version.
# Strata without treated people, or with fewer than three others, are left out beforehand: version 4.5 stops at them.
asked <- commandArgs(TRUE)
n <- as.integer(asked[2])
suppressMessages(library(MatchIt))
data <- data.frame(matrix(readBin(paste0(asked[1], ".x"), "double", n * 8), n, 8))
names(data) <- paste0("x", 0:7)
who <- matrix(readBin(paste0(asked[1], ".i"), "integer", n * 2), n, 2)
data$treated <- who[, 1]
data$stratum <- factor(who[, 2])
row <- seq_len(n)
whole <- names(which(table(data$stratum[data$treated == 1]) > 0 & table(data$stratum[data$treated == 0]) >= 3))
keep <- data$stratum %in% whole
if (!all(keep)) {
  data <- droplevels(data[keep, ])
  row <- row[keep]
}
rm(who)
invisible(gc())
all8 <- treated ~ x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7
start <- proc.time()[["elapsed"]]
found <- switch(asked[3],
  "propensity" = matchit(all8, data, method = "nearest", exact = ~stratum, ratio = 3, caliper = .2, link = "linear.logit"),
  "Mahalanobis within a caliper" = matchit(all8, data, method = "nearest", exact = ~stratum, ratio = 3, caliper = .2, link = "linear.logit", mahvars = all8[-2]),
  "Mahalanobis" = matchit(all8, data, method = "nearest", exact = ~stratum, ratio = 3, distance = "mahalanobis"))
seconds <- proc.time()[["elapsed"]] - start
control <- found$match.matrix
at <- match(control, rownames(data))
ours <- rep(match(rownames(control), rownames(data)), ncol(control))
made <- !is.na(at)
writeBin(c(row[ours[made]], row[at[made]]) - 1L, paste0(asked[1], ".pairs"))
cat(sprintf("%.3f %s\n", seconds, packageVersion("MatchIt")))
